import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { DescribeTasksCommand, ECSClient, RunTaskCommand, StopTaskCommand, type Task } from '@aws-sdk/client-ecs';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { FakeEcs, ProcessLauncher, type ContainerLauncher, type EcsContainerDefinition } from './index.ts';

let folder: string;
let ecs: FakeEcs | undefined;
let client: ECSClient | undefined;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'abca-ecs-'));
});
afterEach(async () => {
  client?.destroy();
  await ecs?.close();
  await rm(folder, { recursive: true, force: true });
});

async function start(launcher: ContainerLauncher, more: Partial<EcsContainerDefinition> = {}): Promise<string> {
  ecs = await FakeEcs.start({ launcher });
  ecs.registerTaskDefinition({ family: 'agent', containers: [{ name: 'agent', environment: { A: '1' }, ...more }] });
  const credentials = { accessKeyId: 'any', secretAccessKey: 'any' };
  client = new ECSClient({ endpoint: ecs.url, region: 'us-east-1', credentials });
  const overrides = { containerOverrides: [{ name: 'agent', environment: [{ name: 'B', value: '2 3' }] }] };
  const { tasks = [] } = await client.send(new RunTaskCommand({ cluster: 'abca', taskDefinition: 'agent', overrides }));
  return tasks[0]!.taskArn!;
}

async function look(arn: string): Promise<Task> {
  const { tasks = [] } = await client!.send(new DescribeTasksCommand({ cluster: 'abca', tasks: [arn] }));
  return tasks[0]!;
}

/** Bounded poll: fifteen seconds. */
async function until(arn: string, status: string): Promise<Task> {
  for (let turn = 0; turn < 1_500; turn += 1) {
    const task = await look(arn);
    if (task.lastStatus === status) return task;
    await sleep(10);
  }
  throw new Error(`task is not ${status}: ${JSON.stringify(await look(arn))}`);
}

const shell = (script: string): ProcessLauncher => new ProcessLauncher({ command: ['/bin/sh', '-c', script], folder });

describe('FakeEcs with a ProcessLauncher', () => {
  test('runs the program with its environment, and shows how it ended', async () => {
    const launcher = shell('env; exit 7');
    const task = await until(await start(launcher), 'STOPPED');

    expect(task).toMatchObject({ stopCode: 'EssentialContainerExited', containers: [{ name: 'agent', exitCode: 7 }] });
    const names = launcher.outputs()[0]!.trim().split('\n');
    expect(names.filter((line) => !/^(PWD|_|SHLVL|OLDPWD)=/.test(line)).sort()).toStrictEqual([
      expect.stringMatching('^A=1$'),
      expect.stringMatching('^ABCA_TEST_CONTAINER='),
      'B=2 3',
      expect.stringMatching(`^HOME=${folder}/[0-9a-f]+-agent$`),
      expect.stringMatching('^PATH='),
      expect.stringMatching(`^TMPDIR=${folder}/`),
    ]);
  });

  test('StopTask asks the program first', async () => {
    const arn = await start(shell(`trap 'exit 0' TERM; while :; do sleep 0.01; done`));
    await until(arn, 'RUNNING');
    await client!.send(new StopTaskCommand({ cluster: 'abca', task: arn }));

    expect(await until(arn, 'STOPPED')).toMatchObject({
      stopCode: 'UserInitiated',
      containers: [{ exitCode: expect.any(Number) }],
    });
  });

  test('StopTask kills what does not end within its stop time-out', async () => {
    const arn = await start(shell(`trap '' TERM; while :; do sleep 1; done`), { stopTimeoutMs: 50 });
    await until(arn, 'RUNNING');
    await client!.send(new StopTaskCommand({ cluster: 'abca', task: arn }));

    expect(await until(arn, 'STOPPED')).toMatchObject({ containers: [{ exitCode: expect.any(Number) }] });
  });

  test('a stop that comes before the container is there holds', async () => {
    const launched = Promise.withResolvers<undefined>();
    const inner = shell('while :; do sleep 1; done');
    const slow: ContainerLauncher = {
      launch: async (container) => {
        await launched.promise;
        return inner.launch(container);
      },
    };
    const arn = await start(slow);
    await client!.send(new StopTaskCommand({ cluster: 'abca', task: arn }));
    launched.resolve(undefined);

    expect(await until(arn, 'STOPPED')).toMatchObject({ stopCode: 'UserInitiated', containers: [{ exitCode: 143 }] });
  });

  test('a container that cannot be started has no exit code', async () => {
    const broken: ContainerLauncher = { launch: () => Promise.reject(new Error('no such image')) };
    const task = await until(await start(broken), 'STOPPED');

    expect(task).toMatchObject({
      stopCode: 'TaskFailedToStart',
      stoppedReason: expect.stringContaining('no such image'),
    });
    expect(task.containers![0]).not.toHaveProperty('exitCode');
  });
});
