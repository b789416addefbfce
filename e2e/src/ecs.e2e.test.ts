import type { HydratedContext, TaskId } from '@abca/core';
import { afterEach, describe, expect, jest, test } from '@jest/globals';
import { EcsCloud } from './cloud/ecs-cloud.ts';
import { call, whenEnded } from './support/api.ts';
import type { PlatformProcess } from './support/platform-process.ts';
import { Scene, submitTask, type SceneOptions } from './support/scene.ts';
import { until } from './support/until.ts';
import { whenMilestone } from './support/work.ts';

// Real processes on a machine that others may keep busy.
jest.setTimeout(60_000);

/** What ECS takes as overrides of a task, characters. https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_TaskOverride.html */
const maxOverrideChars = 8_192;

let scene: Scene;
let platform: PlatformProcess;

async function up(options: Omit<SceneOptions, 'cloud'>): Promise<EcsCloud> {
  ({ scene, platform } = await Scene.up({ ...options, cloud: 'ecs' }));
  if (!(scene.cloud instanceof EcsCloud)) throw new Error('the scene is not on ECS');
  return scene.cloud;
}

afterEach(async () => {
  await scene.end();
});

describe('an issue of real size', () => {
  const comments = Array.from({ length: 300 }, (_, index) => ({
    author: `person-${String(index)}`,
    createdAt: '2026-01-01T00:00:00.000Z',
    body: `Comment ${String(index)}: ${'it fails on my machine too. '.repeat(7)}`,
  }));
  const context: HydratedContext = {
    title: 'It fails',
    body: 'See below.',
    comments,
    tokens: 15_000,
    truncated: false,
  };

  test('reaches the agent whole, past the overrides of the task', async () => {
    expect(JSON.stringify(context).length).toBeGreaterThan(60_000);
    const { fake } = await up({ tiny: { notePrompt: true }, context, flags: { leaseMs: 20_000 } });

    const task = await whenEnded(platform, await submitTask(platform, { issue_number: 7 }));

    expect([task.status, task.failure]).toStrictEqual(['COMPLETED', undefined]);
    const prompt = scene.remote.git('show', `refs/heads/${String(task.branch)}:prompt.txt`);
    expect(comments.filter(({ author, body }) => !(prompt.includes(author) && prompt.includes(body)))).toStrictEqual(
      [],
    );
    const starts = fake.calls.filter(({ operation }) => operation === 'RunTask');
    expect(starts).toHaveLength(1);
    expect(JSON.stringify(starts[0]?.input['overrides']).length).toBeLessThan(maxOverrideChars);
  });
});

describe('a stop that is not proven within its bound', () => {
  test('says requested, is followed up by the reconciler, and ends proven', async () => {
    await up({ tiny: { hang: true }, flags: { leaseMs: 20_000, reconcileMs: 500 } });
    const taskId = await submitTask(platform);
    await whenMilestone(platform, taskId, 'work_saved');
    // It does not hear SIGTERM: the service kills it when its time is over, which is later than the stop waits for.
    process.kill(Number(scene.starts()[0]), 'SIGSTOP');

    const answer = await call(platform, 'DELETE', `/v1/tasks/${taskId}`);

    expect(JSON.stringify(answer.body.data)).toContain('"requested"');
    expect((await whenEnded(platform, taskId)).status).toBe('CANCELLED');
    const { tasks } = scene.stores();
    const entry = await until(
      async () => {
        const task = await tasks.find(taskId as TaskId);
        return task?.sessionOpen === undefined ? task : undefined;
      },
      { boundMs: 30_000, what: async () => JSON.stringify(await tasks.find(taskId as TaskId)) },
    );
    expect(['stopped', 'already_gone', 'ended']).toContain(entry.sessionStop?.outcome);
    expect(entry.sessionStop?.attempts).toBeGreaterThan(1);
    expect(scene.backendSessions().map(({ running }) => running)).toStrictEqual([false]);
  });
});
