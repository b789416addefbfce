import type { TaskId } from '../ids/ids.ts';
import type { IsoTime } from '../time/iso-time.ts';

/** A task that waits for a slot. */
export interface QueueEntry {
  readonly taskId: TaskId;
  /** When the task was created: the order of the queue. */
  readonly createdAt: IsoTime;
}

/**
 * Who holds a user's slots and who waits for one. Both live in one value, so that a freed slot passes straight to the
 * first in line: were the queue kept elsewhere, a newcomer could take the slot in between. A set of ids, not a number:
 * retries and races once leaked and double-freed counters.
 */
export interface SlotLedger {
  readonly holders: readonly TaskId[];
  /** In order: oldest first, ties by task id. */
  readonly queue: readonly QueueEntry[];
}

/** The ledger of a user without tasks. */
export const emptyLedger: SlotLedger = { holders: [], queue: [] };

/** How a request for a slot ended. */
export type SlotDecision =
  | { readonly kind: 'granted' }
  /** `position` counts from 1. */
  | { readonly kind: 'queued'; readonly position: number }
  | { readonly kind: 'queue_full'; readonly limit: number };

/** Most holders and most waiting tasks of one user. */
export interface SlotCaps {
  readonly slots: number;
  readonly queued: number;
}

/** Ask for a slot, or for the place in the queue. Repeating it changes nothing. */
export function requestSlot(
  ledger: SlotLedger,
  entry: QueueEntry,
  caps: SlotCaps,
): { readonly ledger: SlotLedger; readonly decision: SlotDecision; readonly promoted: readonly TaskId[] } {
  if (ledger.holders.includes(entry.taskId)) return { ledger, decision: { kind: 'granted' }, promoted: [] };
  const known = ledger.queue.some((waiting) => waiting.taskId === entry.taskId);
  if (!known && ledger.holders.length >= caps.slots && ledger.queue.length >= caps.queued) {
    return { ledger, decision: { kind: 'queue_full', limit: caps.queued }, promoted: [] };
  }
  const waiting = known ? ledger.queue : [...ledger.queue, entry].sort(byAge);
  const { ledger: next, promoted } = promote({ ...ledger, queue: waiting }, caps.slots);
  const position = next.queue.findIndex((item) => item.taskId === entry.taskId) + 1;
  return {
    ledger: next,
    decision: position === 0 ? { kind: 'granted' } : { kind: 'queued', position },
    promoted: promoted.filter((taskId) => taskId !== entry.taskId),
  };
}

/** Give a slot, or the place in the queue, back. Tasks in `promoted` now hold a slot and want to be woken. */
export function releaseSlot(
  ledger: SlotLedger,
  taskId: TaskId,
  slots: number,
): { readonly ledger: SlotLedger; readonly promoted: readonly TaskId[] } {
  return promote(
    {
      holders: ledger.holders.filter((holder) => holder !== taskId),
      queue: ledger.queue.filter((waiting) => waiting.taskId !== taskId),
    },
    slots,
  );
}

function promote(ledger: SlotLedger, slots: number): { ledger: SlotLedger; promoted: readonly TaskId[] } {
  const free = Math.max(0, slots - ledger.holders.length);
  const promoted = ledger.queue.slice(0, free).map((entry) => entry.taskId);
  return { ledger: { holders: [...ledger.holders, ...promoted], queue: ledger.queue.slice(free) }, promoted };
}

function byAge(a: QueueEntry, b: QueueEntry): number {
  return compareText(a.createdAt, b.createdAt) || compareText(a.taskId, b.taskId);
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
