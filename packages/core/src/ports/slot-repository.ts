import type { TaskId, UserId } from '../ids/ids.ts';
import type { QueueEntry, SlotCaps, SlotDecision } from '../slots/slot-ledger.ts';
import type { CallOptions } from './call-options.ts';

/**
 * The slots of each user and the queue for them. Decisions are those of `requestSlot` and `releaseSlot`; an
 * implementation only applies them atomically. Both verbs are idempotent.
 */
export interface SlotRepository {
  /** A slot, or a place in the queue. `promoted` are others that got a slot by this call. */
  acquire(
    userId: UserId,
    entry: QueueEntry,
    caps: SlotCaps,
    options?: CallOptions,
  ): Promise<{ readonly decision: SlotDecision; readonly promoted: readonly TaskId[] }>;

  /** Give slot or place back. `promoted` hold a slot now and want to be woken; the first to call learns of them. */
  release(
    userId: UserId,
    taskId: TaskId,
    caps: SlotCaps,
    options?: CallOptions,
  ): Promise<{ readonly promoted: readonly TaskId[] }>;

  /** Holders and queue as they are now, for people and reconcilers. */
  inspect(
    userId: UserId,
    options?: CallOptions,
  ): Promise<{ readonly holders: readonly TaskId[]; readonly queue: readonly QueueEntry[] }>;

  /**
   * Users who hold a slot or wait for one, in no order. A page may be empty although another follows.
   *
   * @param query.limit 1 to 100
   */
  listUsers(
    query: { readonly limit: number; readonly nextToken?: string },
    options?: CallOptions,
  ): Promise<{ readonly users: readonly UserId[]; readonly nextToken?: string }>;
}
