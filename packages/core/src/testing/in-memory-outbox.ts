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
  readonly #open = new Map<string, DeliveryKey>();
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
    const now = formatIso(nowMs);
    return [...this.#open.values()]
      .map((key) => ({ key, record: this.#records.get(keyOf(key))! }))
      .filter(({ record }) => record.dueAt! <= now)
      .sort((a, b) => (a.record.dueAt! < b.record.dueAt! ? -1 : a.record.dueAt! > b.record.dueAt! ? 1 : 0))
      .slice(0, limit)
      .map(({ key }) => key);
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
    this.#records.set(keyOf(key), record);
    if (record.dueAt === undefined) this.#open.delete(keyOf(key));
    else this.#open.set(keyOf(key), key);
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
