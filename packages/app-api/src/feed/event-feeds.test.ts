import { describe, expect, test } from '@jest/globals';
import type { TaskId } from '@abca/core';
import { FakeClock } from '@abca/core/testing';
import { settle } from '../settle.test-kit.ts';
import { PollingEventFeed } from './polling-event-feed.ts';
import { SignalEventFeed } from './signal-event-feed.ts';

const taskId = '01KAYJ5E9QZ3T8V6W4X2Y0ABCD' as TaskId;
const otherTask = '01KAYJ5E9QZ3T8V6W4X2Y0ABCE' as TaskId;

/** Whether `promise` has resolved by now. */
async function isDone(promise: Promise<void>): Promise<boolean> {
  let done = false;
  void promise.then(() => {
    done = true;
  });
  await settle();
  return done;
}

describe('PollingEventFeed', () => {
  test('changed() resolves after its interval, not before', async () => {
    const clock = new FakeClock();
    const changed = new PollingEventFeed({ clock, intervalMs: 250 }).changed({ taskId, after: 0 });

    await clock.advance(249);
    const early = await isDone(changed);
    await clock.advance(1);

    expect([early, await isDone(changed)]).toStrictEqual([false, true]);
  });

  test('changed() resolves at once on abort', async () => {
    const stop = new AbortController();
    const feed = new PollingEventFeed({ clock: new FakeClock() });
    const changed = feed.changed({ taskId, after: 0 }, { signal: stop.signal });

    stop.abort();

    await expect(changed).resolves.toBeUndefined();
  });
});

describe('SignalEventFeed', () => {
  test('notify() wakes every reader of its task and of no other', async () => {
    const clock = new FakeClock();
    const feed = new SignalEventFeed({ clock });
    const first = feed.changed({ taskId, after: 3 });
    const second = feed.changed({ taskId, after: 3 });
    const foreign = feed.changed({ taskId: otherTask, after: 3 });

    feed.notify(taskId, 4);

    expect(await Promise.all([first, second, foreign].map(isDone))).toStrictEqual([true, true, false]);
    expect(clock.sleeping).toBe(1);
  });

  test('tells when a reader begins to wait, and whether any does', async () => {
    const seen: boolean[] = [];
    const feed: SignalEventFeed = new SignalEventFeed({
      clock: new FakeClock(),
      onWait: () => seen.push(feed.hasWaiters),
    });
    const before = feed.hasWaiters;
    const changed = feed.changed({ taskId, after: 0 });

    feed.notify(taskId, 1);
    await changed;
    // There is news already: nobody waits.
    await feed.changed({ taskId, after: 0 });

    expect([before, seen, feed.hasWaiters]).toStrictEqual([false, [true], false]);
  });

  test('keeps a notification that came while nobody waited, with and without a number', async () => {
    const feed = new SignalEventFeed({ clock: new FakeClock() });
    feed.notify(taskId);
    feed.notify(otherTask, 7);

    const unnumbered = [
      await isDone(feed.changed({ taskId, after: 5 })),
      await isDone(feed.changed({ taskId, after: 5 })),
    ];
    const numbered = [
      await isDone(feed.changed({ taskId: otherTask, after: 6 })),
      await isDone(feed.changed({ taskId: otherTask, after: 6 })),
      await isDone(feed.changed({ taskId: otherTask, after: 7 })),
    ];

    expect(unnumbered).toStrictEqual([true, false]);
    expect(numbered).toStrictEqual([true, true, false]);
  });

  test('changed() resolves after the net time when no notification comes', async () => {
    const clock = new FakeClock();
    const changed = new SignalEventFeed({ clock, netMs: 500 }).changed({ taskId, after: 0 });

    await clock.advance(500);

    await expect(changed).resolves.toBeUndefined();
  });

  test('changed() resolves at once on abort, also when it was aborted before', async () => {
    const clock = new FakeClock();
    const feed = new SignalEventFeed({ clock });
    const stop = new AbortController();
    const changed = feed.changed({ taskId, after: 0 }, { signal: stop.signal });

    stop.abort();

    await expect(changed).resolves.toBeUndefined();
    await expect(feed.changed({ taskId, after: 0 }, { signal: stop.signal })).resolves.toBeUndefined();
    expect(clock.sleeping).toBe(0);
  });

  test('forgets the oldest notifications beyond ten thousand tasks', async () => {
    const feed = new SignalEventFeed({ clock: new FakeClock() });
    const ids = Array.from({ length: 10_001 }, (_, index) => String(index) as TaskId);

    for (const id of ids) feed.notify(id, 9);

    expect(await isDone(feed.changed({ taskId: ids[0]!, after: 0 }))).toBe(false);
    expect(await isDone(feed.changed({ taskId: ids[1]!, after: 0 }))).toBe(true);
  });
});
