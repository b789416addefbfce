import { formatIso, type QueueEntry, type SlotRepository, type TaskId, type UserId } from '@abca/core';
import { aTaskId, testEpochMs } from '@abca/core/testing';
import { beforeEach, describe, expect, test } from '@jest/globals';
import { rejectionsOf } from './outcome-of.ts';

/** What every {@link SlotRepository} must do. Run from each implementation's own test file. */
export function slotRepositoryContract(setup: {
  /** Without holders. `another` gives the same one as a second process has it. */
  create(): Promise<{ readonly slots: SlotRepository; another(): SlotRepository }>;
}): void {
  describe('SlotRepository contract', () => {
    let slots: SlotRepository;
    let another: () => SlotRepository;

    beforeEach(async () => {
      ({ slots, another } = await setup.create());
    });

    const ann = 'ann' as UserId;
    const caps = { slots: 2, queued: 3 };
    const entry = (n: number): QueueEntry => ({ taskId: aTaskId(n), createdAt: formatIso(testEpochMs + n) });
    const acquireAll = async (...numbers: number[]): Promise<void> => {
      for (const n of numbers) await slots.acquire(ann, entry(n), caps);
    };

    test('grants up to the cap, then queues, then refuses', async () => {
      const decisions = [];
      for (const n of [1, 2, 3, 4, 5, 6]) decisions.push((await slots.acquire(ann, entry(n), caps)).decision);

      expect(decisions).toStrictEqual([
        { kind: 'granted' },
        { kind: 'granted' },
        { kind: 'queued', position: 1 },
        { kind: 'queued', position: 2 },
        { kind: 'queued', position: 3 },
        { kind: 'queue_full', limit: 3 },
      ]);
      expect(await slots.inspect(ann)).toStrictEqual({
        holders: [aTaskId(1), aTaskId(2)],
        queue: [entry(3), entry(4), entry(5)],
      });
    });

    test('answers a repeated request alike and changes nothing', async () => {
      await acquireAll(1, 2, 3);
      const before = await slots.inspect(ann);

      const again = [await slots.acquire(ann, entry(1), caps), await slots.acquire(ann, entry(3), caps)];

      expect(again).toStrictEqual([
        { decision: { kind: 'granted' }, promoted: [] },
        { decision: { kind: 'queued', position: 1 }, promoted: [] },
      ]);
      expect(await slots.inspect(ann)).toStrictEqual(before);
    });

    test('passes a slot to the task that was created first, and tells only the first to release', async () => {
      await acquireAll(1, 2, 4, 3);

      const first = await slots.release(ann, aTaskId(1), caps);
      const again = await slots.release(ann, aTaskId(1), caps);

      expect([first, again]).toStrictEqual([{ promoted: [aTaskId(3)] }, { promoted: [] }]);
      expect(await slots.inspect(ann)).toStrictEqual({ holders: [aTaskId(2), aTaskId(3)], queue: [entry(4)] });
    });

    test('gives a place in the queue back', async () => {
      await acquireAll(1, 2, 3, 4);

      expect(await slots.release(ann, aTaskId(3), caps)).toStrictEqual({ promoted: [] });
      expect((await slots.inspect(ann)).queue).toStrictEqual([entry(4)]);
    });

    test('promotes others when the cap has grown', async () => {
      await acquireAll(1, 2, 3);

      const result = await slots.acquire(ann, entry(4), { slots: 4, queued: 3 });

      expect(result).toStrictEqual({ decision: { kind: 'granted' }, promoted: [aTaskId(3)] });
    });

    test('keeps users apart', async () => {
      await acquireAll(1, 2, 3);

      const { decision } = await slots.acquire('bob' as UserId, entry(9), caps);

      expect(decision).toStrictEqual({ kind: 'granted' });
      expect(await slots.inspect('nobody' as UserId)).toStrictEqual({ holders: [], queue: [] });
    });

    test('lists the users who hold or wait, page by page, and nobody else', async () => {
      for (const name of ['ann', 'bob', 'cay', 'dan', 'eve']) {
        await slots.acquire(name as UserId, entry(1), caps);
      }
      await slots.release('dan' as UserId, aTaskId(1), caps);

      const found: UserId[] = [];
      let nextToken: string | undefined;
      let pages = 0;
      do {
        const page = await slots.listUsers({ limit: 2, ...(nextToken !== undefined && { nextToken }) });
        found.push(...page.users);
        ({ nextToken } = page);
        pages += 1;
      } while (nextToken !== undefined && pages < 10);

      expect(found.sort()).toStrictEqual(['ann', 'bob', 'cay', 'eve']);
      expect(pages).toBeGreaterThan(1);
    });

    test('release of what was never acquired is nothing', async () => {
      expect(await slots.release(ann, aTaskId(404), caps)).toStrictEqual({ promoted: [] });
    });

    test('thirty tasks at once and then their releases: the cap holds, each gets one slot, in order of age', async () => {
      const wide = { slots: 10, queued: 100 };
      const all = Array.from({ length: 30 }, (_, n) => n + 1);
      const writers = [slots, another(), another()];
      const granted: TaskId[] = [];

      const decisions = await Promise.all(all.map((n) => writers[n % 3]!.acquire(ann, entry(n), wide)));
      const { holders, queue } = await slots.inspect(ann);
      for (let active = holders; active.length > 0; active = (await slots.inspect(ann)).holders) {
        expect(active.length).toBeLessThanOrEqual(10);
        const released = await Promise.all(active.map((taskId, n) => writers[n % 3]!.release(ann, taskId, wide)));
        granted.push(...released.flatMap(({ promoted }) => promoted));
      }

      expect(decisions.filter(({ decision }) => decision.kind === 'granted')).toHaveLength(10);
      expect([holders.length, queue.length]).toStrictEqual([10, 20]);
      expect([...granted].sort()).toStrictEqual(queue.map(({ taskId }) => taskId));
      expect(await slots.inspect(ann)).toStrictEqual({ holders: [], queue: [] });
    });

    test('every call ends with the reason of an aborted signal and changes nothing', async () => {
      const { reason, rejections } = await rejectionsOf([
        (options) => slots.acquire(ann, entry(1), caps, options),
        (options) => slots.release(ann, aTaskId(1), caps, options),
        (options) => slots.inspect(ann, options),
        (options) => slots.listUsers({ limit: 2 }, options),
      ]);

      expect(rejections).toStrictEqual([reason, reason, reason, reason]);
      expect(await slots.inspect(ann)).toStrictEqual({ holders: [], queue: [] });
    });
  });
}
