import {
  DescribeTasksCommand,
  ECSClient,
  ListTasksCommand,
  RunTaskCommand,
  StopTaskCommand,
  type DescribeTasksCommandOutput,
  type RunTaskCommandInput,
  type Task,
} from '@aws-sdk/client-ecs';
import { FakeClock } from '@abca/core/testing';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { EcsFault, FakeEcs } from './index.ts';

const hourMs = 3_600_000;
let clock: FakeClock;
let ecs: FakeEcs;
let client: ECSClient;

beforeEach(async () => {
  clock = new FakeClock();
  ecs = await FakeEcs.start({ clock, clusters: ['abca', 'other'] });
  ecs.registerTaskDefinition({ family: 'agent', containers: [{ name: 'agent', environment: { A: '1', B: '1' } }] });
  client = new ECSClient({
    endpoint: ecs.url,
    region: 'us-east-1',
    credentials: { accessKeyId: 'any', secretAccessKey: 'any' },
    maxAttempts: 1,
  });
});
afterEach(async () => {
  client.destroy();
  await ecs.close();
});

const request = (more: Partial<RunTaskCommandInput> = {}): RunTaskCommandInput => ({
  cluster: ecs.clusterArn(),
  taskDefinition: 'agent',
  launchType: 'FARGATE',
  networkConfiguration: { awsvpcConfiguration: { subnets: ['subnet-1'] } },
  clientToken: 'token-1',
  ...more,
});
const run = async (more: Partial<RunTaskCommandInput> = {}): Promise<Task> => {
  const { tasks = [] } = await client.send(new RunTaskCommand(request(more)));
  return tasks[0]!;
};
const look = (...tasks: readonly string[]): Promise<DescribeTasksCommandOutput> =>
  client.send(new DescribeTasksCommand({ cluster: ecs.clusterArn(), tasks: [...tasks] }));
const statusOf = async (arn: string): Promise<string | undefined> => (await look(arn)).tasks?.[0]?.lastStatus;
const stop = (task: string): Promise<unknown> =>
  client.send(new StopTaskCommand({ cluster: ecs.clusterArn(), task, reason: 'enough' }));
const list = async (input: Record<string, unknown> = {}): Promise<readonly string[]> =>
  (await client.send(new ListTasksCommand({ cluster: ecs.clusterArn(), ...input }))).taskArns ?? [];
const nameOf = (call: Promise<unknown>): Promise<string> =>
  call.then(
    () => 'no error',
    (error: unknown) => `${(error as Error).name}: ${(error as Error).message}`,
  );

describe('FakeEcs, RunTask', () => {
  test('makes a task that is provisioned, with the request on it', async () => {
    const task = await run({ startedBy: 'me', overrides: { containerOverrides: [{ name: 'agent' }] } });

    expect(task).toMatchObject({
      taskArn: expect.stringMatching(/^arn:aws:ecs:us-east-1:123456789012:task\/abca\/[0-9a-f]{32}$/),
      clusterArn: ecs.clusterArn(),
      taskDefinitionArn: expect.stringMatching(/task-definition\/agent:1$/),
      lastStatus: 'PROVISIONING',
      desiredStatus: 'RUNNING',
      startedBy: 'me',
      createdAt: new Date(clock.nowMs()),
    });
  });

  test('takes the latest active revision of a family, or the one that is named', async () => {
    ecs.registerTaskDefinition({ family: 'agent', containers: [{ name: 'agent' }] });
    ecs.registerTaskDefinition({ family: 'agent', containers: [{ name: 'agent' }], status: 'INACTIVE' });

    expect((await run()).taskDefinitionArn).toMatch(/agent:2$/);
    expect((await run({ clientToken: '2', taskDefinition: 'agent:1' })).taskDefinitionArn).toMatch(/agent:1$/);
    expect(await nameOf(run({ clientToken: '3', taskDefinition: 'agent:3' }))).toBe(
      'ClientException: TaskDefinition is inactive',
    );
  });

  test('lays overrides on the environment of the container that they name', async () => {
    const environment = [
      { name: 'B', value: '2' },
      { name: 'C', value: '3' },
    ];
    await run({ overrides: { containerOverrides: [{ name: 'agent', environment }] } });

    expect(ecs.tasks()[0]!.containers[0]!.environment).toStrictEqual({ A: '1', B: '2', C: '3' });
  });

  test.each([
    [{ cluster: 'nowhere' }, 'ClusterNotFoundException'],
    [{ taskDefinition: 'unknown' }, 'ClientException'],
    [{ taskDefinition: '' }, 'InvalidParameterException'],
    [{ clientToken: 'x'.repeat(65) }, 'InvalidParameterException'],
    [{ clientToken: 'ä' }, 'InvalidParameterException'],
    [{ startedBy: 'x'.repeat(129) }, 'InvalidParameterException'],
    [{ startedBy: 'a b' }, 'InvalidParameterException'],
    [{ count: 11 }, 'InvalidParameterException'],
    [{ propagateTags: 'SERVICE' }, 'InvalidParameterException'],
    [{ tags: Array.from({ length: 51 }, (_, n) => ({ key: String(n), value: '' })) }, 'InvalidParameterException'],
    [{ networkConfiguration: undefined }, 'InvalidParameterException'],
    [{ networkConfiguration: { awsvpcConfiguration: { subnets: [] } } }, 'InvalidParameterException'],
    [{ networkConfiguration: { awsvpcConfiguration: { subnets: [' subnet-1'] } } }, 'InvalidParameterException'],
    [{ overrides: { containerOverrides: [{ name: 'x' }] } }, 'InvalidParameterException'],
    [{ overrides: { cpu: 'x'.repeat(8_192) } }, 'InvalidParameterException'],
  ] as [Partial<RunTaskCommandInput>, string][])('refuses %j with %s', async (more, name) => {
    expect(await nameOf(run(more))).toMatch(new RegExp(`^${name}: `));
    expect(ecs.tasks()).toStrictEqual([]);
  });

  test('starts nothing twice for one token in one cluster', async () => {
    const first = await run();

    expect((await run()).taskArn).toBe(first.taskArn);
    expect((await run({ cluster: 'other' })).taskArn).not.toBe(first.taskArn);
    expect((await run({ clientToken: 'token-2' })).taskArn).not.toBe(first.taskArn);
  });

  test('names the task of a token that is used for another request', async () => {
    const first = await run();

    await expect(run({ startedBy: 'other' })).rejects.toMatchObject({
      name: 'ConflictException',
      resourceIds: [first.taskArn],
    });
  });

  test('knows a token for an hour after the end of its task, and for 24 hours at most', async () => {
    const ended = await run();
    ecs.endContainer(ended.taskArn!, 'agent', { exitCode: 0 });
    ecs.settle(ended.taskArn!);
    await clock.advance(hourMs - 1);
    expect((await run()).taskArn).toBe(ended.taskArn);

    await clock.advance(1);
    const lasting = await run();
    expect(lasting.taskArn).not.toBe(ended.taskArn);

    await clock.advance(24 * hourMs - 1);
    expect((await run()).taskArn).toBe(lasting.taskArn);
    await clock.advance(1);
    expect((await run()).taskArn).not.toBe(lasting.taskArn);
  });

  test('a request that failed does not use up its token', async () => {
    ecs.failNextRunTask('Capacity is unavailable at this time.');

    const failed = await client.send(new RunTaskCommand(request()));

    expect(failed).toMatchObject({ tasks: [], failures: [{ reason: 'Capacity is unavailable at this time.' }] });
    expect((await run()).lastStatus).toBe('PROVISIONING');
  });
});

describe('FakeEcs, the life of a task', () => {
  test('moves one state on with each look, down too once it is stopped', async () => {
    const arn = (await run()).taskArn!;
    const up = [
      await statusOf(arn),
      await statusOf(arn),
      await statusOf(arn),
      await statusOf(arn),
      await statusOf(arn),
    ];
    await stop(arn);
    const down = [
      await statusOf(arn),
      await statusOf(arn),
      await statusOf(arn),
      await statusOf(arn),
      await statusOf(arn),
    ];

    expect(up).toStrictEqual(['PROVISIONING', 'PENDING', 'ACTIVATING', 'RUNNING', 'RUNNING']);
    expect(down).toStrictEqual(['RUNNING', 'DEACTIVATING', 'STOPPING', 'DEPROVISIONING', 'STOPPED']);
    expect((await look(arn)).tasks?.[0]).toMatchObject({
      stopCode: 'UserInitiated',
      stoppedReason: 'enough',
      stoppedAt: new Date(clock.nowMs()),
      containers: [{ name: 'agent', exitCode: 143, lastStatus: 'STOPPED' }],
    });
  });

  test('moves by hand as well', async () => {
    const arn = (await run()).taskArn!;
    ecs.step(arn);

    expect(await statusOf(arn)).toBe('PENDING');
    expect(() => {
      ecs.step('no such task');
    }).toThrow('there is no task');
  });

  test('a task that is stopped before it runs has no exit code', async () => {
    const arn = (await run()).taskArn!;
    ecs.stopTask(arn, { stopCode: 'TaskFailedToStart', stoppedReason: 'CannotPullContainerError: no such image' });

    const [task] = (await look(arn)).tasks!;

    expect(task).toMatchObject({ lastStatus: 'STOPPED', stopCode: 'TaskFailedToStart' });
    expect(task!.containers![0]).not.toHaveProperty('exitCode');
  });

  test('an essential container takes the task with it, another does not', async () => {
    const containers = [{ name: 'proxy', essential: false }, { name: 'agent' }] as const;
    ecs.registerTaskDefinition({ family: 'two', containers: [...containers] });
    const arn = (await run({ taskDefinition: 'two' })).taskArn!;

    ecs.endContainer(arn, 'proxy', { exitCode: 0 });
    const [after] = (await look(arn)).tasks!;
    ecs.endContainer(arn, 'agent', { exitCode: 137, reason: 'OutOfMemoryError' });
    ecs.settle(arn);

    expect(after).toMatchObject({ lastStatus: 'RUNNING', desiredStatus: 'RUNNING' });
    expect((await look(arn)).tasks![0]).toMatchObject({
      stopCode: 'EssentialContainerExited',
      containers: [{ exitCode: 0 }, { exitCode: 137, reason: 'OutOfMemoryError' }],
    });
    expect(() => {
      ecs.endContainer(arn, 'unknown', {});
    }).toThrow('no container unknown');
  });

  test('a stopped task is forgotten after an hour', async () => {
    const arn = (await run()).taskArn!;
    await stop(arn);
    ecs.settle(arn);
    await clock.advance(hourMs - 1);
    expect(await statusOf(arn)).toBe('STOPPED');

    await clock.advance(1);

    expect((await look(arn)).failures).toMatchObject([{ arn, reason: 'MISSING' }]);
    expect(await nameOf(stop(arn))).toBe('InvalidParameterException: The referenced task was not found.');
  });

  test('a stopped task may be stopped again, and its first reason stays', async () => {
    const arn = (await run()).taskArn!;
    ecs.stopTask(arn, { stopCode: 'SpotInterruption', stoppedReason: 'gone' });

    expect(await stop(arn)).toMatchObject({ task: { lastStatus: 'STOPPED', stopCode: 'SpotInterruption' } });
  });
});

describe('FakeEcs, DescribeTasks and ListTasks', () => {
  test('finds tasks by ARN or id, of this cluster only', async () => {
    const { taskArn } = await run();
    const other = await run({ cluster: 'other' });

    const { tasks, failures } = await look(taskArn!, taskArn!.split('/').at(-1)!, other.taskArn!);

    expect(tasks?.map((task) => task.taskArn)).toStrictEqual([taskArn, taskArn]);
    expect(failures?.map(({ arn }) => arn)).toStrictEqual([other.taskArn]);
  });

  test.each([0, 101])('refuses to describe %d tasks', async (length) => {
    expect(await nameOf(look(...Array.from({ length }, String)))).toMatch('InvalidParameterException');
  });

  test('hides a new task for a while, but not from StopTask', async () => {
    ecs.hiddenDescribes = 2;
    const arn = (await run()).taskArn!;

    expect([await statusOf(arn), await list(), await statusOf(arn)]).toStrictEqual([undefined, [], undefined]);
    expect([await statusOf(arn), await list()]).toStrictEqual(['PROVISIONING', [arn]]);
    ecs.hiddenDescribes = 9;
    expect(await stop((await run({ clientToken: '2' })).taskArn!)).toMatchObject({
      task: { desiredStatus: 'STOPPED' },
    });
  });

  test('shows a change late', async () => {
    const arn = (await run()).taskArn!;
    ecs.settle(arn);
    ecs.staleDescribes = 2;
    ecs.stopTask(arn, { stopCode: 'UserInitiated', stoppedReason: 'x' });

    expect([await statusOf(arn), await statusOf(arn), await statusOf(arn)]).toStrictEqual([
      'RUNNING',
      'RUNNING',
      'STOPPED',
    ]);
  });

  test('lists by who started them, by family and by what they are to be, in pages', async () => {
    const mine = [await run({ clientToken: '1', startedBy: 'me' }), await run({ clientToken: '2', startedBy: 'me' })];
    const arns = mine.map((task) => task.taskArn);
    const theirs = await run({ clientToken: '3', startedBy: 'them' });
    await stop(theirs.taskArn!);
    ecs.pageSize = 1;

    const first = await client.send(new ListTasksCommand({ cluster: 'abca', startedBy: 'me' }));
    const second = await client.send(
      new ListTasksCommand({ cluster: 'abca', startedBy: 'me', nextToken: first.nextToken }),
    );

    expect([first.taskArns, second.taskArns, second.nextToken]).toStrictEqual([[arns[0]], [arns[1]], undefined]);
    ecs.pageSize = 100;
    expect(await list({ desiredStatus: 'STOPPED' })).toStrictEqual([theirs.taskArn]);
    expect(await list({ family: 'agent', maxResults: 1 })).toStrictEqual([arns[0]]);
    expect(await nameOf(list({ family: 'agent', startedBy: 'me' }))).toMatch('InvalidParameterException');
  });
});

describe('FakeEcs, troubles', () => {
  test.each([
    ['throttled', 'ThrottlingException', 400],
    ['server_error', 'ServerException', 500],
    ['access_denied', 'AccessDeniedException', 400],
    [new EcsFault('BlockedException', 'no'), 'BlockedException', 400],
  ] as const)('%s: answers once as told, without an effect', async (trouble, name, status) => {
    ecs.failNext('RunTask', trouble);

    await expect(run()).rejects.toMatchObject({ name, $metadata: { httpStatusCode: status } });
    expect(ecs.tasks()).toHaveLength(0);
    expect((await run()).lastStatus).toBe('PROVISIONING');
  });

  test('loses a request before its effect, or its answer after it', async () => {
    ecs.failNext('RunTask', 'lost_request');
    ecs.failNext('RunTask', 'lost_answer');

    expect(await nameOf(run())).not.toBe('no error');
    expect(ecs.tasks()).toHaveLength(0);
    expect(await nameOf(run())).not.toBe('no error');
    expect(ecs.tasks()).toHaveLength(1);
    expect((await run()).taskArn).toBe(ecs.tasks()[0]!.origin.arn);
  });

  test('troubles of one operation leave the others alone, and last as often as told', async () => {
    ecs.failNext('DescribeTasks', 'throttled', 2);
    const arn = (await run()).taskArn!;

    expect([await nameOf(look(arn)), await nameOf(look(arn)), await nameOf(look(arn))]).toStrictEqual([
      'ThrottlingException: Rate exceeded',
      'ThrottlingException: Rate exceeded',
      'no error',
    ]);
    expect(ecs.calls.map(({ operation }) => operation)).toStrictEqual([
      'RunTask',
      ...Array.from({ length: 3 }, () => 'DescribeTasks'),
    ]);
  });

  test('holds a call until it is released, or until its caller hangs up', async () => {
    const held = ecs.holdNext('RunTask');
    const running = run();
    await held.arrived;
    expect(ecs.tasks()).toHaveLength(0);
    held.release();
    expect((await running).lastStatus).toBe('PROVISIONING');

    const caller = new AbortController();
    const again = ecs.holdNext('RunTask');
    const aborted = client.send(new RunTaskCommand(request({ clientToken: '2' })), { abortSignal: caller.signal });
    await again.arrived;
    caller.abort();
    await expect(aborted).rejects.toMatchObject({ name: 'AbortError' });
    expect(ecs.tasks()).toHaveLength(1);
  });

  test('refuses what is not signed, and what it does not know', async () => {
    const unsigned = await fetch(ecs.url, { method: 'POST' });
    const unknown = await fetch(ecs.url, {
      method: 'POST',
      headers: { 'x-amz-target': 'AmazonEC2ContainerServiceV20141113.Nope', authorization: 'AWS4-HMAC-SHA256 x' },
    });

    expect(await unsigned.json()).toMatchObject({ __type: 'MissingAuthenticationTokenException' });
    expect(await unknown.json()).toMatchObject({ __type: 'UnknownOperationException' });
  });
});
