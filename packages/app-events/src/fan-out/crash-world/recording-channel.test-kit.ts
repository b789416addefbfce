import type { CallOptions, Channel, DeliveryOutcome, Notification, Notifier } from '@abca/core';
import { shareOf } from './chance.test-kit.ts';
import type { JumpingClock } from './jumping-clock.test-kit.ts';

/** What a channel does with a delivery, however often it is asked. */
export const manners = [
  'accepts',
  'rejects_once',
  'rate_limits',
  'accepts_unheard',
  'unclear',
  'unclear_but_accepts',
  'throws_once',
  'refuses',
  'hangs_once',
  'accepts_and_hangs',
] as const;
export type Manner = (typeof manners)[number];

/** Shares of a thousand, in the order of {@link manners}; what is left accepts at once. */
const shares: readonly (readonly [Manner, number])[] = [
  ['rejects_once', 60],
  ['rate_limits', 60],
  ['accepts_unheard', 50],
  ['unclear', 30],
  ['unclear_but_accepts', 30],
  ['throws_once', 30],
  ['refuses', 40],
  ['hangs_once', 1],
  ['accepts_and_hangs', 1],
];

/** How `channel` will behave towards a delivery. */
export function mannerOf(channel: Channel, id: string): Manner {
  let left = shareOf(`${channel} ${id}`) * 1000;
  for (const [manner, share] of shares) {
    if (left < share) return manner;
    left -= share;
  }
  return 'accepts';
}

/** A channel, outside of all processes: it remembers what it accepted and can be asked. */
export interface ChannelRecord {
  /** How often each delivery was accepted. */
  readonly accepted: Map<string, number>;
  readonly asked: Map<string, number>;
  /** Lanes that somebody is at, with whether they still live. */
  readonly busy: Map<string, () => boolean>;
  overlaps: number;
  lookUps: number;
}

export function newChannelRecord(): ChannelRecord {
  return { accepted: new Map(), asked: new Map(), busy: new Map(), overlaps: 0, lookUps: 0 };
}

/** The client of a channel in one process. */
export class RecordingNotifier implements Notifier {
  readonly channel: Channel;
  readonly #record: ChannelRecord;
  readonly #clock: JumpingClock;
  readonly #isAlive: () => boolean;

  constructor(
    channel: Channel,
    parts: { readonly record: ChannelRecord; readonly clock: JumpingClock; readonly isAlive: () => boolean },
  ) {
    this.channel = channel;
    this.#record = parts.record;
    this.#clock = parts.clock;
    this.#isAlive = parts.isAlive;
  }

  async deliver(notification: Notification, { signal }: CallOptions = {}): Promise<DeliveryOutcome> {
    const { busy } = this.#record;
    const lane = notification.task.taskId;
    if (busy.get(lane)?.() === true) this.#record.overlaps += 1;
    busy.set(lane, this.#isAlive);
    try {
      return await this.#answer(notification, signal);
    } finally {
      busy.delete(lane);
    }
  }

  async #answer(notification: Notification, signal: AbortSignal | undefined): Promise<DeliveryOutcome> {
    const { accepted, asked } = this.#record;
    const id = `${notification.event.taskId} ${String(notification.event.seq)}`;
    if (notification.uncertain) {
      this.#record.lookUps += 1;
      if (accepted.has(id)) return { kind: 'delivered', memory: { last: id } };
    }
    const times = (asked.get(id) ?? 0) + 1;
    asked.set(id, times);
    // On its way: the process may be told to stop waiting, or die.
    await Promise.resolve();
    signal?.throwIfAborted();
    const accept = (): DeliveryOutcome => {
      accepted.set(id, (accepted.get(id) ?? 0) + 1);
      return { kind: 'delivered', memory: { last: id } };
    };
    return this.#react(mannerOf(this.channel, id), { times, accept, signal });
  }

  async #react(manner: Manner, { times, accept, signal }: Reaction): Promise<DeliveryOutcome> {
    const isFirst = times === 1;
    switch (manner) {
      case 'accepts':
        return accept();
      case 'rejects_once':
        return isFirst ? { kind: 'retry', code: 'busy', message: 'later', accepted: false } : accept();
      case 'rate_limits':
        if (times > 2) return accept();
        return { kind: 'retry', code: 'rate_limited', message: 'later', retryAfterMs: 30_000, accepted: false };
      case 'accepts_unheard':
        accept();
        throw new Error('socket hang up');
      case 'unclear':
        return isFirst ? { kind: 'retry', code: 'reset', message: 'connection reset' } : accept();
      case 'unclear_but_accepts':
        accept();
        return { kind: 'retry', code: 'reset', message: 'connection reset' };
      case 'throws_once':
        if (isFirst) throw new Error('ECONNRESET');
        return accept();
      case 'refuses':
        return { kind: 'refused', code: 'is_archived', message: 'nobody is there' };
      case 'hangs_once':
        return isFirst ? this.#hang(signal) : accept();
      case 'accepts_and_hangs':
        accept();
        return this.#hang(signal);
      default:
        return manner satisfies never;
    }
  }

  /** Until the process gives it up. Time passes meanwhile, for all. */
  async #hang(signal: AbortSignal | undefined): Promise<never> {
    const gaveUp = new Promise<never>((_resolve, reject) => {
      signal?.addEventListener('abort', () => {
        reject(signal.reason as Error);
      });
    });
    for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
    this.#clock.pass(20_000);
    return gaveUp;
  }
}

interface Reaction {
  readonly times: number;
  readonly accept: () => DeliveryOutcome;
  readonly signal: AbortSignal | undefined;
}
