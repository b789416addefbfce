import { afterEach, describe, expect, jest, test } from '@jest/globals';
import type { TinyPlan } from './programs/tiny-plan.ts';
import { getEvents, whenEnded } from './support/api.ts';
import { Scene, submitTask } from './support/scene.ts';

// Real processes on a machine that others may keep busy.
jest.setTimeout(60_000);

describe('an agent that says it is finished', () => {
  let scene: Scene;

  afterEach(async () => {
    await scene.end();
  });

  test.each<[string, TinyPlan, string, RegExp]>([
    ['and changed nothing', { idle: true }, 'no_changes', /without changing anything/],
    ['and saved its work, but pushed nothing', { lie: true }, 'work_saved', /the remote has no branch abca\//],
    ['and tells of a push that never was', { lie: true, unsaved: true }, 'not_delivered', /the remote has no branch/],
  ])('%s is not COMPLETED', async (_name, tiny, outcome, why) => {
    const up = await Scene.up({ tiny });
    scene = up.scene;
    const taskId = await submitTask(up.platform);

    const task = await whenEnded(up.platform, taskId);

    expect([task.status, task.failure]).toStrictEqual([
      'FAILED',
      { code: 'NOT_DELIVERED', message: expect.stringMatching(why) as unknown },
    ]);
    expect(task.receipt?.outcome).toBe(outcome);
    expect(scene.remote.refs('refs/heads')).toStrictEqual(['refs/heads/main']);
    const types = (await getEvents(up.platform, taskId)).map(({ event_type }) => event_type);
    expect(types.filter((type) => type.startsWith('task_'))).toStrictEqual(['task_created', 'task_failed']);
  });
});
