import { expect, test } from '@jest/globals';
import { CapturingLogger, FakeClock } from '@abca/core/testing';
import fc from 'fast-check';
import { SignalEventFeed } from '../feed/signal-event-feed.ts';
import { settle } from '../settle.test-kit.ts';
import { EventHub } from './event-hub.ts';
import { GrowingLog, watchedTask } from './growing-log.test-kit.ts';

type Step =
  | { readonly kind: 'grow'; readonly count: number; readonly notify: boolean }
  | { readonly kind: 'take' | 'cut' | 'settle'; readonly watcher: number };

const watchers = 4;
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ kind: fc.constant('grow' as const), count: fc.integer({ min: 1, max: 12 }), notify: fc.boolean() }),
  fc.record({
    kind: fc.constantFrom('take' as const, 'take' as const, 'cut' as const, 'settle' as const),
    watcher: fc.nat({ max: watchers - 1 }),
  }),
);

test('any interleaving of writes, reads, cuts and resumes shows every watcher every event exactly once, in order', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(step, { minLength: 5, maxLength: 60 }),
      fc.integer({ min: 1, max: 7 }),
      fc.integer({ min: 1, max: 10 }),
      async (steps, pageSize, bufferedEvents) => {
        const log = new GrowingLog();
        const feed = new SignalEventFeed({ clock: new FakeClock() });
        const logger = new CapturingLogger();
        const hub = new EventHub({ events: log, feed, logger, pageSize, bufferedEvents });
        const clients = Array.from({ length: watchers }, () => new Client(hub));

        for (const each of steps) {
          if (each.kind === 'grow') {
            log.grow(each.count);
            if (each.notify) feed.notify(watchedTask, log.all.length);
          } else if (each.kind === 'take') void clients[each.watcher]?.take();
          else if (each.kind === 'cut') await clients[each.watcher]?.cut();
          else await settle(each.watcher);
        }
        log.grow(1, 'task_completed');
        feed.notify(watchedTask, log.all.length);
        const seen = await Promise.all(clients.map((client) => client.takeAll()));

        const expected = log.all.map(({ seq }) => seq);
        expect(seen).toStrictEqual(clients.map(() => expected));
        expect(hub.watchedTasks).toBe(0);
      },
    ),
    { numRuns: 150 },
  );
});

/** A watcher that remembers the last event it was given, as a client does with Last-Event-ID. */
class Client {
  readonly seen: number[] = [];
  readonly #hub: EventHub;
  #source;
  #pending: Promise<boolean> | undefined;

  constructor(hub: EventHub) {
    this.#hub = hub;
    this.#source = hub.watch(watchedTask, 0);
  }

  take(): Promise<boolean> {
    this.#pending ??= this.#takeOne();
    return this.#pending;
  }

  async #takeOne(): Promise<boolean> {
    const got = await this.#source.next();
    this.seen.push(...(got ?? []).map(({ seq }) => seq));
    this.#pending = undefined;
    return got !== undefined;
  }

  async cut(): Promise<void> {
    this.#source.close();
    await this.#pending;
    this.#source = this.#hub.watch(watchedTask, this.seen.at(-1) ?? 0);
  }

  async takeAll(): Promise<number[]> {
    while (await this.take());
    return this.seen;
  }
}
