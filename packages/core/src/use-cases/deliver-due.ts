import { AbcaError, type ErrorCode } from '../errors/abca-error.ts';
import type { DeliveryKey } from '../notify/notification.ts';
import type { EventLog } from '../ports/event-log.ts';
import type { Outbox } from '../ports/outbox.ts';
import type { DeliverDeps } from './deliver-events.ts';
import { deliverLanes, type DeliveryCounts, type LaneBounds } from './deliver-lanes.ts';
import type { Delivery } from './deliver-one.ts';
import { DeliverySubjects } from './delivery-subjects.ts';

export type DeliverDueDeps = DeliverDeps & {
  readonly outbox: Pick<Outbox, 'listDue'>;
  readonly events: Pick<EventLog, 'read'>;
};

export interface DeliverDueOptions {
  /** Nothing new is begun after so many milliseconds. Default 30 seconds. */
  readonly budgetMs?: number;
  /** Deliveries that are read from the outbox at a time. Default 100. */
  readonly limit?: number;
  /** Tasks of each channel that are told of at the same time. Default 10. */
  readonly atOnce?: number;
  /** Nothing new is begun once it is aborted. */
  readonly signal?: AbortSignal;
}

/** What a sweep of the outbox did. */
export interface DeliverDueReport {
  readonly looked: number;
  readonly counts: DeliveryCounts;
  /** Why the outbox did not answer. */
  readonly errors: Readonly<Partial<Record<ErrorCode, number>>>;
  /** Some that are due were not looked at. */
  readonly more: boolean;
}

/**
 * Make the deliveries that wait in the outbox and are due: those that a channel could not take, those that waited for another
 * one, and those whose consumer died. Safe to repeat and to run several times at once. Never rejects; says in one line of the
 * log what it did.
 */
export async function deliverDue(deps: DeliverDueDeps, options: DeliverDueOptions = {}): Promise<DeliverDueReport> {
  const sweep = newSweep(deps, options);
  try {
    while (await sweepPage(deps, sweep));
  } catch (error) {
    const { code, message } = AbcaError.wrap(error, 'STORE_ERROR', 'outbox not read');
    deps.logger.warn('outbox not read', { code, message });
    add(sweep.errors, { [code]: 1 });
    sweep.more = true;
  }
  const { looked, counts, errors, more } = sweep;
  const report = { looked, counts, errors, more };
  const level = Object.keys(errors).length > 0 ? 'error' : looked > 0 ? 'info' : 'debug';
  deps.logger[level]('outbox swept', { ...report });
  return report;
}

interface Sweep {
  readonly bounds: LaneBounds;
  readonly limit: number;
  readonly subjects: DeliverySubjects;
  /** A delivery that is due again within one sweep waits for the next: a page of such would never end. */
  readonly seen: Set<string>;
  readonly counts: Record<string, number>;
  readonly errors: Record<string, number>;
  looked: number;
  more: boolean;
}

function newSweep(deps: DeliverDueDeps, options: DeliverDueOptions): Sweep {
  const { budgetMs = 30_000, limit = 100, atOnce = 10, signal } = options;
  return {
    bounds: { atOnce, untilMs: deps.clock.nowMs() + budgetMs, ...(signal && { signal }) },
    limit,
    subjects: new DeliverySubjects(deps),
    seen: new Set(),
    counts: {},
    errors: {},
    looked: 0,
    more: false,
  };
}

/** @returns whether there may be another page, and time for it */
async function sweepPage(deps: DeliverDueDeps, sweep: Sweep): Promise<boolean> {
  const { bounds, limit, seen } = sweep;
  const page = await deps.outbox.listDue({ nowMs: deps.clock.nowMs(), limit });
  // Those of one task in the order of its log, whichever is the longest due.
  const fresh = page.filter((key) => !seen.has(nameOf(key))).sort((a, b) => a.seq - b.seq);
  for (const key of fresh) seen.add(nameOf(key));
  const deliveries = fresh.map((key) => dueDelivery(deps, sweep.subjects, key));
  const { counts, errors, unmade } = await deliverLanes(deps, deliveries, bounds);
  sweep.looked += fresh.length;
  add(sweep.counts, counts);
  add(sweep.errors, errors);
  const mayBeMore = page.length >= limit;
  const hasTime = deps.clock.nowMs() < bounds.untilMs && bounds.signal?.aborted !== true;
  if (unmade.size > 0 || (mayBeMore && (!hasTime || fresh.length === 0))) sweep.more = true;
  return mayBeMore && hasTime && fresh.length > 0;
}

function dueDelivery({ events }: DeliverDueDeps, subjects: DeliverySubjects, key: DeliveryKey): Delivery {
  const subject: Delivery['subject'] = async () => {
    const [event] = await events.read({ taskId: key.taskId, after: key.seq - 1, limit: 1 });
    return event?.seq === key.seq ? subjects.subjectOf(event) : 'the event is gone';
  };
  return { key, subject };
}

function nameOf({ taskId, seq, channel }: DeliveryKey): string {
  return `${taskId} ${String(seq)} ${channel}`;
}

function add(sum: Record<string, number>, counts: Readonly<Partial<Record<string, number>>>): void {
  for (const [key, by = 0] of Object.entries(counts)) sum[key] = (sum[key] ?? 0) + by;
}
