import { describe, expect, test } from '@jest/globals';
import type { TaskEvent } from '@abca/core';
import { CapturingLogger, FakeClock } from '@abca/core/testing';
import { SignalEventFeed } from '../feed/signal-event-feed.ts';
import { settle } from '../settle.test-kit.ts';
import { EventHub } from './event-hub.ts';
import type { EventSource } from './event-source.ts';
import { GrowingLog, watchedTask } from './growing-log.test-kit.ts';

function aHub(sizes: { pageSize?: number; bufferedEvents?: number } = {}): {
  hub: EventHub;
  log: GrowingLog;
  feed: SignalEventFeed;
  logger: CapturingLogger;
} {
  const log = new GrowingLog();
  const feed = new SignalEventFeed({ clock: new FakeClock() });
  const logger = new CapturingLogger();
  return { hub: new EventHub({ events: log, feed, logger, ...sizes }), log, feed, logger };
}

async function drain(source: EventSource, into: number[] = []): Promise<number[]> {
  for (let got = await source.next(); got !== undefined; got = await source.next()) into.push(...seqs(got));
  return into;
}

const seqs = (events: readonly TaskEvent[]): number[] => events.map(({ seq }) => seq);
const upTo = (last: number): number[] => Array.from({ length: last }, (_, index) => index + 1);

describe('EventHub', () => {
  test('gives what is there, then what comes, and ends after a terminal event', async () => {
    const { hub, log, feed } = aHub({ pageSize: 2 });
    log.grow(5);
    const seen: number[] = [];
    const drained = drain(hub.watch(watchedTask, 0), seen);
    await settle();
    const before = [...seen];

    log.grow(3, 'task_completed');
    feed.notify(watchedTask, 8);

    expect(before).toStrictEqual(upTo(5));
    expect(await drained).toStrictEqual(upTo(8));
    expect(hub.watchedTasks).toBe(0);
  });

  test('reads once per wake-up however many watch', async () => {
    const { hub, log, feed } = aHub();
    const sources = Array.from({ length: 20 }, () => hub.watch(watchedTask, 0));
    const seen = sources.map(() => [] as number[]);
    const drained = sources.map((source, index) => drain(source, seen[index]));
    await settle();
    const readsBefore = log.reads;

    log.grow(1);
    feed.notify(watchedTask, 1);
    await settle();
    const readsForOne = log.reads - readsBefore;
    log.grow(1, 'task_failed');
    feed.notify(watchedTask, 2);

    expect(await Promise.all(drained)).toStrictEqual(sources.map(() => [1, 2]));
    expect(readsForOne).toBe(1);
  });

  test('lets a watcher that takes nothing neither hold up others nor fill memory; it reads the rest later', async () => {
    const { hub, log, feed } = aHub({ pageSize: 4, bufferedEvents: 6 });
    const slow = hub.watch(watchedTask, 0);
    const slowFirst = slow.next();
    const fast = drain(hub.watch(watchedTask, 0));
    await settle();
    log.grow(40, 'task_completed');
    feed.notify(watchedTask, 40);

    const fastSeen = await fast;
    const slowSeen = await drain(slow, seqs((await slowFirst) ?? []));

    expect(fastSeen).toStrictEqual(upTo(40));
    expect(slowSeen).toStrictEqual(upTo(40));
  });

  test('lets a late watcher catch up by itself and then share the reader', async () => {
    const { hub, log, feed } = aHub({ pageSize: 3 });
    log.grow(10);
    const early = drain(hub.watch(watchedTask, 9));
    await settle();
    const late = drain(hub.watch(watchedTask, 0));
    await settle();

    log.grow(1, 'task_cancelled');
    feed.notify(watchedTask, 11);

    expect(await early).toStrictEqual([10, 11]);
    expect(await late).toStrictEqual(upTo(11));
  });

  test('ends all watchers of a task when its log cannot be read, and says so once', async () => {
    const { hub, log, feed, logger } = aHub();
    const watching = [drain(hub.watch(watchedTask, 0)), drain(hub.watch(watchedTask, 0))];
    await settle();

    log.failWith = new Error('throttled');
    feed.notify(watchedTask, 1);

    expect(await Promise.all(watching)).toStrictEqual([[], []]);
    expect(logger.lines.map(({ level, message }) => [level, message])).toStrictEqual([
      ['warn', 'event stream interrupted'],
    ]);
    expect(hub.watchedTasks).toBe(0);
  });

  test('rejects the own read of a watcher that fails and stays usable for others', async () => {
    const { hub, log } = aHub();
    log.failWith = new Error('throttled');
    const source = hub.watch(watchedTask, 0);
    await expect(source.next()).rejects.toThrow('throttled');
    source.close();

    log.failWith = undefined;
    log.grow(1, 'task_completed');

    expect(await drain(hub.watch(watchedTask, 0))).toStrictEqual([1]);
  });

  test('stops reading when the last watcher has left', async () => {
    const { hub, log, feed } = aHub();
    const first = hub.watch(watchedTask, 0);
    const pending = first.next();
    await settle();

    first.close();
    first.close();
    log.grow(1);
    feed.notify(watchedTask, 1);
    await settle();
    const { reads } = log;
    await settle();

    expect(await pending).toBeUndefined();
    expect(await first.next()).toBeUndefined();
    expect(log.reads).toBe(reads);
    expect(hub.watchedTasks).toBe(0);
  });

  test('close() ends every source, also one that is asked for later', async () => {
    const { hub } = aHub();
    const open = drain(hub.watch(watchedTask, 0));
    await settle();

    hub.close();

    expect(await open).toStrictEqual([]);
    expect(await drain(hub.watch(watchedTask, 0))).toStrictEqual([]);
  });
});
