import { afterEach, describe, expect, jest, test } from '@jest/globals';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { call, getEvents, submit, whenEnded } from './support/api.ts';
import { openOrchestrations, type Orchestrations } from './support/orchestrations.ts';
import { repo, Scene, submitTask } from './support/scene.ts';
import { until } from './support/until.ts';

// Real processes on a machine that others may keep busy.
jest.setTimeout(60_000);

const tenTimes = Array.from({ length: 10 });

describe('one task stays one', () => {
  let scene: Scene;
  let orchestrations: Orchestrations | undefined;

  afterEach(async () => {
    orchestrations?.close();
    await scene.end();
  });

  test('when its orchestration is started again, while it runs and after', async () => {
    const up = await Scene.up({ tiny: { waitFor: 'gate' } });
    scene = up.scene;
    orchestrations = openOrchestrations(scene.dataDir);
    const { start, list } = orchestrations;
    const taskId = await submitTask(up.platform);
    await until(() => (scene.starts().length > 0 ? true : undefined), { boundMs: 20_000, what: () => 'no agent' });

    await Promise.all(tenTimes.map(() => start(taskId)));
    writeFileSync(join(scene.dir, 'gate'), '');
    const task = await whenEnded(up.platform, taskId);
    await Promise.all(tenTimes.map(() => start(taskId)));

    expect(task.status).toBe('COMPLETED');
    await until(async () => ((await list()).every(({ status }) => status === 'SUCCEEDED') ? true : undefined), {
      boundMs: 10_000,
      what: async () => JSON.stringify(await list()),
    });
    expect(await list()).toStrictEqual([{ name: taskId, status: 'SUCCEEDED' }]);
    expect(scene.starts()).toHaveLength(1);
    const types = (await getEvents(up.platform, taskId)).map(({ event_type }) => event_type);
    expect(types.filter((type) => type === 'session_started' || type === 'task_completed')).toHaveLength(2);
  });

  test('when it is submitted ten times at once with one idempotency key', async () => {
    const up = await Scene.up({});
    scene = up.scene;
    orchestrations = openOrchestrations(scene.dataDir);

    const tasks = await Promise.all(tenTimes.map(() => submit(up.platform, { repo }, 'the-key')));
    const [taskId = ''] = tasks.map(({ task_id }) => task_id);
    await whenEnded(up.platform, taskId);
    const later = await submit(up.platform, { repo }, 'the-key');
    const other = await call(up.platform, 'POST', '/v1/tasks', {
      body: { repo, task_description: 'Something else' },
      headers: { 'idempotency-key': 'the-key' },
    });

    expect(new Set([...tasks, later].map(({ task_id }) => task_id)).size).toBe(1);
    expect([other.status, other.body.error?.code]).toStrictEqual([409, 'DUPLICATE_TASK']);
    expect(scene.starts()).toHaveLength(1);
    expect(await orchestrations.list()).toHaveLength(1);
  });
});
