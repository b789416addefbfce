import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { TaskId } from '../ids/ids.ts';
import { formatIso } from '../time/iso-time.ts';
import { emptyLedger, releaseSlot, requestSlot, type SlotLedger } from './slot-ledger.ts';

const caps = { slots: 3, queued: 4 };
const taskNumber = fc.integer({ min: 1, max: 12 });
const entryOf = (n: number) => ({
  taskId: `T${String(n).padStart(2, '0')}` as TaskId,
  createdAt: formatIso(1_000_000 + n),
});

type Step = { readonly verb: 'request' | 'release'; readonly task: number };
const steps = fc.array(fc.record({ verb: fc.constantFrom<Step['verb']>('request', 'release'), task: taskNumber }), {
  maxLength: 60,
});

function play(ledger: SlotLedger, { verb, task }: Step): { ledger: SlotLedger; promoted: readonly TaskId[] } {
  const entry = entryOf(task);
  return verb === 'request' ? requestSlot(ledger, entry, caps) : releaseSlot(ledger, entry.taskId, caps.slots);
}

describe('slot ledger', () => {
  test('any sequence keeps the caps, holds nobody twice, and leaves no slot free while somebody waits', () => {
    fc.assert(
      fc.property(steps, (sequence) => {
        let ledger = emptyLedger;
        for (const step of sequence) {
          ({ ledger } = play(ledger, step));
          const all = [...ledger.holders, ...ledger.queue.map((entry) => entry.taskId)];
          expect(ledger.holders.length).toBeLessThanOrEqual(caps.slots);
          expect(ledger.queue.length).toBeLessThanOrEqual(caps.queued);
          expect(new Set(all).size).toBe(all.length);
          expect(ledger.queue.length === 0 || ledger.holders.length === caps.slots).toBe(true);
        }
      }),
    );
  });

  test('repeating a request or a release changes nothing and promotes nobody', () => {
    fc.assert(
      fc.property(
        steps,
        fc.record({ verb: fc.constantFrom<Step['verb']>('request', 'release'), task: taskNumber }),
        (before, step) => {
          const ledger = before.reduce((current, item) => play(current, item).ledger, emptyLedger);
          const once = play(ledger, step);

          const twice = play(once.ledger, step);

          expect(twice).toMatchObject({ ledger: once.ledger, promoted: [] });
        },
      ),
    );
  });

  test('slots pass to those who wait in the order in which their tasks were created', () => {
    fc.assert(
      fc.property(fc.shuffledSubarray([4, 5, 6, 7], { minLength: 4 }), (arrival) => {
        let ledger = [1, 2, 3, ...arrival].reduce(
          (current, n) => requestSlot(current, entryOf(n), caps).ledger,
          emptyLedger,
        );
        const promoted: TaskId[] = [];

        for (const n of [1, 2, 3, 4]) {
          const result = releaseSlot(ledger, entryOf(n).taskId, caps.slots);
          ledger = result.ledger;
          promoted.push(...result.promoted);
        }

        expect(promoted).toStrictEqual([4, 5, 6, 7].map((n) => entryOf(n).taskId));
      }),
    );
  });

  test('the one who asks is never among the promoted, others are', () => {
    const full = [1, 2, 3, 4].reduce((current, n) => requestSlot(current, entryOf(n), caps).ledger, emptyLedger);
    const shrunk: SlotLedger = { ...full, holders: full.holders.slice(0, 1) };

    const result = requestSlot(shrunk, entryOf(5), caps);

    expect(result.decision).toStrictEqual({ kind: 'granted' });
    expect(result.promoted).toStrictEqual([entryOf(4).taskId]);
  });

  test('says the place in the queue, from 1, and when the queue is full', () => {
    const full = [1, 2, 3, 5, 6, 7, 8].reduce(
      (current, n) => requestSlot(current, entryOf(n), caps).ledger,
      emptyLedger,
    );

    expect(requestSlot(full, entryOf(6), caps).decision).toStrictEqual({ kind: 'queued', position: 2 });
    expect(requestSlot(full, entryOf(9), caps)).toStrictEqual({
      ledger: full,
      decision: { kind: 'queue_full', limit: 4 },
      promoted: [],
    });
    expect(requestSlot(full, entryOf(1), caps).decision).toStrictEqual({ kind: 'granted' });
  });

  test('a full queue turns nobody away while a slot is free', () => {
    const full = [1, 2, 3, 5, 6, 7, 8].reduce(
      (current, n) => requestSlot(current, entryOf(n), caps).ledger,
      emptyLedger,
    );
    const shrunk: SlotLedger = { ...full, holders: full.holders.slice(0, 2) };

    expect(requestSlot(shrunk, entryOf(9), caps).decision).toStrictEqual({ kind: 'queued', position: 4 });
  });

  test('a task that waits gives its place back; one that is not known changes nothing', () => {
    const waiting = [1, 2, 3, 4, 5].reduce((current, n) => requestSlot(current, entryOf(n), caps).ledger, emptyLedger);

    expect(releaseSlot(waiting, entryOf(4).taskId, caps.slots)).toStrictEqual({
      ledger: { ...waiting, queue: [entryOf(5)] },
      promoted: [],
    });
    expect(releaseSlot(waiting, entryOf(9).taskId, caps.slots)).toStrictEqual({ ledger: waiting, promoted: [] });
  });

  test('an older task goes before a younger one that came first; equal ages go by id', () => {
    const waiting = [1, 2, 3, 8].reduce((current, n) => requestSlot(current, entryOf(n), caps).ledger, emptyLedger);
    const twin = { taskId: 'T00' as TaskId, createdAt: entryOf(8).createdAt };

    expect(requestSlot(waiting, entryOf(4), caps).decision).toStrictEqual({ kind: 'queued', position: 1 });
    expect(requestSlot(waiting, twin, caps).decision).toStrictEqual({ kind: 'queued', position: 1 });
    expect(requestSlot(waiting, { ...twin, taskId: 'T99' as TaskId }, caps).decision).toStrictEqual({
      kind: 'queued',
      position: 2,
    });
  });
});
