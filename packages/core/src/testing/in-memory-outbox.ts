import type { Channel } from '../notify/audience.ts';
import type { DeliveryRecord } from '../notify/delivery.ts';
import type { DeliveryKey } from '../notify/notification.ts';
import { emptyLane, judgeClaim, judgeSettle, type DeliveryLane } from '../notify/outbox-rules.ts';
import type { CallOptions } from '../ports/call-options.ts';
import type { ClaimResult, DeliveryClaim, Outbox } from '../ports/outbox.ts';
import { formatIso } from '../time/iso-time.ts';

/** {@link Outbox} in memory. Each call is one turn of the event loop, so calls are atomic. */
export class InMemoryOutbox implements Outbox {
  readonly #records = new Map<string, DeliveryRecord>();
  readonly #lanes = new Map<string, DeliveryLane>();
  /** Those that are open, as time and key, the longest due first. */
  readonly #open: string[] = [];
  #claims = 0;

  async claim(
    key: DeliveryKey,
    { nowMs, claimMs }: Parameters<Outbox['claim']>[1],
    options: CallOptions = {},
  ): Promise<ClaimResult> {
    options.signal?.throwIfAborted();
    this.#claims += 1;
    const wish = { key, claimId: `claim-${String(this.#claims)}`, nowMs, claimMs };
    const { result, record, lane } = judgeClaim(this.#records.get(keyOf(key)), this.#lane(key), wish);
    if (record !== undefined) this.#put(key, record);
    if (lane !== undefined) this.#lanes.set(laneOf(key), lane);
    return structuredClone(result);
  }

  async settle(
    claim: DeliveryClaim,
    settlement: Parameters<Outbox['settle']>[1],
    { memory }: Parameters<Outbox['settle']>[2],
    options: CallOptions = {},
  ): Promise<'settled' | 'lost'> {
    options.signal?.throwIfAborted();
    const { key } = claim;
    const stored = { record: this.#records.get(keyOf(key)), lane: this.#lane(key) };
    const settled = judgeSettle(stored, claim, { settlement, ...(memory && { memory: structuredClone(memory) }) });
    if (settled === undefined) return 'lost';
    this.#put(key, settled.record);
    this.#lanes.set(laneOf(key), settled.lane);
    return 'settled';
  }

  async listDue(
    { nowMs, limit }: Parameters<Outbox['listDue']>[0],
    options: CallOptions = {},
  ): Promise<readonly DeliveryKey[]> {
    options.signal?.throwIfAborted();
    const due = this.#placeOf(`${formatIso(nowMs)} ~`);
    return this.#open.slice(0, Math.min(due, limit)).map((open) => parseKey(open.slice(open.indexOf(' ') + 1)));
  }

  async find(key: DeliveryKey, options: CallOptions = {}): Promise<DeliveryRecord | undefined> {
    options.signal?.throwIfAborted();
    return structuredClone(this.#records.get(keyOf(key)));
  }

  /** Every delivery that was heard of, in the order in which they were. For tests. */
  all(): readonly { readonly key: DeliveryKey; readonly record: DeliveryRecord }[] {
    return [...this.#records].map(([text, record]) => ({ key: parseKey(text), record }));
  }

  #lane(key: DeliveryKey): DeliveryLane {
    return this.#lanes.get(laneOf(key)) ?? emptyLane;
  }

  #put(key: DeliveryKey, record: DeliveryRecord): void {
    const text = keyOf(key);
    const before = this.#records.get(text);
    this.#records.set(text, record);
    if (before?.dueAt !== undefined) this.#open.splice(this.#placeOf(`${before.dueAt} ${text}`), 1);
    if (record.dueAt === undefined) return;
    const open = `${record.dueAt} ${text}`;
    this.#open.splice(this.#placeOf(open), 0, open);
  }

  /** Where `open` is, or would be. Tests have very many open ones: the place is found by halving. */
  #placeOf(open: string): number {
    let low = 0;
    for (let high = this.#open.length; low < high;) {
      const middle = (low + high) >> 1;
      if ((this.#open[middle] ?? open) < open) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

function keyOf({ taskId, seq, channel }: DeliveryKey): string {
  return `${taskId} ${String(seq)} ${channel}`;
}

function parseKey(text: string): DeliveryKey {
  const [taskId, seq, channel] = text.split(' ');
  return { taskId: taskId as DeliveryKey['taskId'], seq: Number(seq), channel: channel as Channel };
}

function laneOf({ taskId, channel }: DeliveryKey): string {
  return `${taskId} ${channel}`;
}
