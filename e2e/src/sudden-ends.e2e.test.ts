import type { TaskId } from '@abca/core';
import { afterEach, describe, expect, jest, test } from '@jest/globals';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { getEvents, getTask, whenEnded } from './support/api.ts';
import { openOrchestrations } from './support/orchestrations.ts';
import { quickFlags, type PlatformProcess } from './support/platform-process.ts';
import { Scene, submitTask, type SceneOptions } from './support/scene.ts';
import { until } from './support/until.ts';
import { savedFiles, whenMilestone } from './support/work.ts';

// Real processes on a machine that others may keep busy.
jest.setTimeout(90_000);

/** What a busy machine may add to a limit, milliseconds. */
const slackMs = 4_000;

let scene: Scene;
let platform: PlatformProcess;

afterEach(async () => {
  await scene.end();
});

/** A scene whose task runs and has saved its first work. */
async function upWithWork(options: SceneOptions): Promise<string> {
  ({ scene, platform } = await Scene.up(options));
  const taskId = await submitTask(platform);
  await whenMilestone(platform, taskId, 'work_saved');
  return taskId;
}

async function whenNoSession(boundMs: number): Promise<void> {
  await until(() => (scene.sessionProcesses().length === 0 ? true : undefined), {
    boundMs,
    what: () => JSON.stringify(scene.sessionProcesses()),
  });
}

describe('kill -9 of the agent', () => {
  async function groupOf(taskId: string): Promise<number> {
    const task = await scene.stores().tasks.find(taskId as TaskId);
    return Number(task?.sessionHandle?.['pid']);
  }

  test.each([
    ['its whole process group', async (taskId: string) => -(await groupOf(taskId))],
    ['the agent alone', async () => scene.starts()[0] ?? 0],
  ])('%s fails the task within the heartbeat limit, with its work saved', async (_name, victimOf) => {
    const taskId = await upWithWork({ tiny: { hang: true } });
    const victim = await victimOf(taskId);

    const killedAt = Date.now();
    process.kill(victim, 'SIGKILL');
    const task = await whenEnded(platform, taskId);

    expect(Date.parse(String(task.ended_at)) - killedAt).toBeLessThan(quickFlags.leaseMs + slackMs);
    expect(task.status).toBe('FAILED');
    expect(['SESSION_ENDED_WITHOUT_RESULT', 'SESSION_LOST']).toContain(task.failure?.code);
    expect(task.receipt?.outcome).toBe('work_saved');
    expect(savedFiles(scene.remote, taskId)).toStrictEqual(['README.md', 'done.txt']);
    const types = (await getEvents(platform, taskId)).map(({ event_type }) => event_type);
    expect(types.filter((type) => type.startsWith('task_'))).toStrictEqual(['task_created', 'task_failed']);
    await scene.whenSlotsFree(scene.stores());
    await whenNoSession(5_000);
  });
});

describe('kill -9 of the platform', () => {
  test('that is not started again: the agent ends by itself within its lease, with all its work saved', async () => {
    const taskId = await upWithWork({ tiny: { hang: true }, flags: { ownSessions: false } });

    await platform.kill();
    expect(scene.sessionProcesses()).not.toStrictEqual([]);

    await whenNoSession(quickFlags.leaseMs + 2 * slackMs);
    expect(savedFiles(scene.remote, taskId)).toStrictEqual(['README.md', 'done.txt', 'late.txt']);
    expect(scene.processes()).toStrictEqual([]);
  });

  test('that is started again: the agent goes on and delivers, as the only one', async () => {
    const taskId = await upWithWork({ tiny: { waitFor: 'gate' }, flags: { ownSessions: false, leaseMs: 30_000 } });

    await platform.kill();
    const again = await scene.start();
    expect((await getTask(again, taskId)).status).toBe('RUNNING');
    writeFileSync(join(scene.dir, 'gate'), '');
    const task = await whenEnded(again, taskId);

    expect([task.failure, task.status, task.receipt?.outcome]).toStrictEqual([undefined, 'COMPLETED', 'delivered']);
    expect(scene.starts()).toHaveLength(1);
    expect(scene.remote.refs('refs/abca/pulls').filter((name) => name.endsWith('/head'))).toHaveLength(1);
    await scene.whenSlotsFree(scene.stores());
  });

  test('with sessions of its own ends them too', async () => {
    await upWithWork({ tiny: { hang: true }, flags: { leaseMs: 60_000 } });

    await platform.kill();

    await whenNoSession(slackMs);
    expect(scene.processes()).toStrictEqual([]);
  });
});

describe('SIGTERM of the platform', () => {
  const sleeper = {
    turns: [
      { text: 'I write.', tools: [{ name: 'Write', input: { file_path: '{{workspace}}/new.txt', content: 'kept' } }] },
      { text: 'I write and wait.', tools: [{ name: 'Bash', input: { command: 'echo late > late.txt; sleep 300' } }] },
      { text: 'Done.' },
    ],
  };

  test('tells the sessions to end: their work is saved, their tasks end with the reason, nothing is left', async () => {
    const taskId = await upWithWork({ script: sleeper, flags: { leaseMs: 30_000, stopGraceMs: 10_000 } });
    const late = (): boolean => scene.sessionProcesses().some(({ command }) => command.startsWith('sleep'));
    await until(() => (late() ? true : undefined), { boundMs: 20_000, what: () => 'the command does not run' });

    const { code } = await platform.stop();

    expect([code, scene.processes()]).toStrictEqual([0, []]);
    expect(savedFiles(scene.remote, taskId)).toStrictEqual(['README.md', 'late.txt', 'new.txt']);
    const again = await scene.start();
    const task = await getTask(again, taskId);
    expect([task.status, task.failure?.code]).toStrictEqual(['FAILED', 'AGENT_TERMINATED']);
    expect(task.receipt?.outcome).toBe('work_saved');
    const orchestrations = openOrchestrations(scene.dataDir);
    // The last step of the workflow may have been cut short after the task had ended: the next platform takes it up.
    const executions = await until(
      async () => {
        const all = await orchestrations.list();
        return all.some(({ status }) => status === 'RUNNING') ? undefined : all;
      },
      { boundMs: 20_000, what: () => 'the execution does not end' },
    );
    expect(executions).toStrictEqual([{ name: taskId, status: 'SUCCEEDED' }]);
    orchestrations.close();
    expect(scene.sessionProcesses()).toStrictEqual([]);
    await scene.whenSlotsFree(scene.stores());
  });
});
