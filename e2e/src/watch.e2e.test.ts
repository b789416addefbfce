import { afterEach, describe, expect, jest, test } from '@jest/globals';
import { randomInt } from 'node:crypto';
import { getTask, whenEnded } from './support/api.ts';
import { Scene, submitTask } from './support/scene.ts';
import { watch } from './support/watch.ts';

// Real processes on a machine that others may keep busy.
jest.setTimeout(90_000);

describe('a watcher', () => {
  let scene: Scene;

  afterEach(async () => {
    await scene.end();
  });

  test('that is cut at random 200 times sees every event once and in order, while the task writes', async () => {
    const up = await Scene.up({ tiny: { turns: 140 } });
    scene = up.scene;
    const { platform } = up;
    const taskId = await submitTask(platform, { max_turns: 200 });
    const seed = randomInt(2 ** 31);
    const random = randomsOf(seed);
    const seen: number[] = [];
    const types: string[] = [];
    let cutsWhileRunning = 0;

    for (let cuts = 0, ended = false; !ended; cuts += 1) {
      const most = cuts < 200 ? Math.floor(random() * 4) : Number.POSITIVE_INFINITY;
      const watched = await watch(platform, taskId, seen.at(-1) ?? 0, most);
      seen.push(...watched.events.map(({ seq }) => seq));
      types.push(...watched.events.map(({ event_type }) => event_type));
      ended = watched.ended;
      if (!ended && (await getTask(platform, taskId)).status !== 'COMPLETED') cutsWhileRunning += 1;
      if (ended) expect({ seed, cuts }).toStrictEqual({ seed, cuts: 200 });
    }

    expect((await whenEnded(platform, taskId)).failure).toBeUndefined();
    const last = await scene.stores().events.read({ taskId: taskId as never, after: 0, limit: 1_000 });
    expect(last.length).toBeGreaterThan(400);
    expect({ seed, seen }).toStrictEqual({ seed, seen: last.map(({ seq }) => seq) });
    expect(types).toStrictEqual(last.map(({ eventType }) => eventType));
    expect(types.at(-1)).toBe('task_completed');
    expect(cutsWhileRunning).toBeGreaterThan(100);
  });
});

/** Numbers from 0 to below 1 that the seed alone decides (mulberry32). */
function randomsOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
