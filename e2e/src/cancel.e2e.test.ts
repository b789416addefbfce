import type { TaskId } from '@abca/core';
import { afterEach, describe, expect, jest, test } from '@jest/globals';
import { call, getEvents, getTask, whenTask, type ApiAnswer } from './support/api.ts';
import type { PlatformProcess } from './support/platform-process.ts';
import { processesNaming } from './support/processes.ts';
import { Scene, submitTask, type SceneOptions } from './support/scene.ts';
import { until } from './support/until.ts';

// Real processes on a machine that others may keep busy.
jest.setTimeout(60_000);

interface Cancelled {
  readonly task: { readonly status: string };
  readonly stop: { readonly outcome: string; readonly description: string; readonly proven_by?: string };
}

/** A length that no other process of the machine sleeps for, not even of another run of this test. */
const nap = `291.${String(process.pid)}`;
const naps = `sleep\0${nap}`;
const sleeper = {
  turns: [
    { text: 'I write.', tools: [{ name: 'Write', input: { file_path: '{{workspace}}/new.txt', content: 'kept' } }] },
    {
      text: 'I wait.',
      tools: [{ name: 'Bash', input: { command: `sleep ${nap} & setsid sleep ${nap} & sleep ${nap}` } }],
    },
    { text: 'Done.' },
  ],
};

describe('cancel', () => {
  let scene: Scene;
  let platform: PlatformProcess;

  afterEach(async () => {
    await scene.end();
  });

  async function up(options: SceneOptions): Promise<void> {
    ({ scene, platform } = await Scene.up(options));
  }

  function cancel(taskId: string): Promise<ApiAnswer<Cancelled>> {
    return call(platform, 'DELETE', `/v1/tasks/${taskId}`);
  }

  /** What has to hold after every cancel, whatever state it came in. */
  async function expectNothingLeft(taskId: string): Promise<void> {
    await scene.whenSlotsFree(scene.stores());
    await until(() => (scene.sessionProcesses().length === 0 ? true : undefined), {
      boundMs: 10_000,
      what: () => JSON.stringify(scene.sessionProcesses()),
    });
    const types = (await getEvents(platform, taskId)).map(({ event_type }) => event_type);
    expect(types.filter((type) => type.startsWith('task_'))).toStrictEqual(['task_created', 'task_cancelled']);
    expect(types.at(-1)).toBe('task_cancelled');
    expect((await getTask(platform, taskId)).status).toBe('CANCELLED');
    expect(scene.remote.refs('refs/heads')).toStrictEqual(['refs/heads/main']);
    expect(scene.remote.refs('refs/abca/pulls')).toStrictEqual([]);
  }

  test('of a SUBMITTED task says that there was no session, and none is started after', async () => {
    await up({ hold: { port: 'slots', method: 'acquire', phase: 'before' } });
    const taskId = await submitTask(platform);
    await scene.whenHeld();
    expect((await getTask(platform, taskId)).status).toBe('SUBMITTED');

    const { status, body } = await cancel(taskId);
    scene.letGo();

    expect([status, body.data.task.status, body.data.stop.outcome]).toStrictEqual([200, 'CANCELLED', 'no_session']);
    await expectNothingLeft(taskId);
    expect(scene.starts()).toStrictEqual([]);
  });

  test('of a QUEUED task takes it out of the queue', async () => {
    await up({});
    const stores = scene.stores();
    const others = Array.from({ length: 10 }, (_, index) => `01J00000000000000000000${String(100 + index)}` as TaskId);
    const createdAt = new Date(0).toISOString() as never;
    for (const other of others) {
      await stores.slots.acquire(stores.user, { taskId: other, createdAt }, { slots: 10, queued: 10 });
    }
    const taskId = await submitTask(platform);
    await whenTask(platform, taskId, ({ status }) => status === 'QUEUED');

    const { status, body } = await cancel(taskId);

    expect([status, body.data.task.status, body.data.stop.outcome]).toStrictEqual([200, 'CANCELLED', 'no_session']);
    expect(await stores.slots.inspect(stores.user)).toMatchObject({ queue: [] });
    for (const other of others) await stores.slots.release(stores.user, other, { slots: 10, queued: 10 });
    await expectNothingLeft(taskId);
    expect(scene.starts()).toStrictEqual([]);
  });

  test('of a HYDRATING task keeps its session from being started', async () => {
    await up({ hold: { port: 'forge', method: 'fetchContext', phase: 'before' } });
    const taskId = await submitTask(platform);
    await scene.whenHeld();
    expect((await getTask(platform, taskId)).status).toBe('HYDRATING');

    const { status, body } = await cancel(taskId);
    scene.letGo();

    expect([status, body.data.task.status, body.data.stop.outcome]).toStrictEqual([200, 'CANCELLED', 'no_session']);
    await expectNothingLeft(taskId);
    expect(scene.starts()).toStrictEqual([]);
  });

  test('of a HYDRATING task whose session is up but not recorded yet ends that session', async () => {
    await up({ tiny: { hang: true }, hold: { port: 'compute', method: 'startSession', phase: 'after' } });
    const taskId = await submitTask(platform);
    await scene.whenHeld();
    expect((await getTask(platform, taskId)).status).toBe('HYDRATING');

    const { status, body } = await cancel(taskId);
    expect(scene.sessionProcesses()).not.toStrictEqual([]);
    scene.letGo();

    expect([status, body.data.task.status]).toStrictEqual([200, 'CANCELLED']);
    await expectNothingLeft(taskId);
  });

  test('of a RUNNING task ends its processes, grandchildren too, and says how that was proven', async () => {
    await up({ script: sleeper });
    const taskId = await submitTask(platform);
    await until(() => (processesNaming(naps).length >= 3 ? true : undefined), {
      boundMs: 30_000,
      what: async () => JSON.stringify([await getTask(platform, taskId), await getEvents(platform, taskId)]),
    });

    const { status, body } = await cancel(taskId);

    expect([status, body.data.task.status]).toStrictEqual([200, 'CANCELLED']);
    expect(body.data.stop).toStrictEqual({
      outcome: 'stopped',
      description: expect.stringContaining('process group'),
      proven_by: expect.stringMatching(/^process group \d+ is empty and no process carries the mark of /),
    });
    expect([processesNaming(naps), scene.sessionProcesses()]).toStrictEqual([[], []]);
    await expectNothingLeft(taskId);
    const wip = `refs/abca/${taskId.toLowerCase()}/wip`;
    expect(scene.remote.git('show', `${wip}:new.txt`)).toBe('kept');
  });

  test('of a task that has ended is refused, and of one that is not there too', async () => {
    await up({});
    const taskId = await submitTask(platform);
    await whenTask(platform, taskId, ({ status }) => status === 'COMPLETED');

    const again = await cancel(taskId);
    const absent = await cancel('01JZZZZZZZZZZZZZZZZZZZZZZZ');

    expect([again.status, again.body.error?.code]).toStrictEqual([409, 'TASK_ALREADY_TERMINAL']);
    expect([absent.status, absent.body.error?.code]).toStrictEqual([404, 'TASK_NOT_FOUND']);
  });
});
