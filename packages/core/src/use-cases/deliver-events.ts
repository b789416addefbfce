import { AbcaError } from '../errors/abca-error.ts';
import type { TaskEvent } from '../events/task-event.ts';
import { limits } from '../limits.ts';
import { deliverLanes, type DeliveryCounts, type LaneBounds } from './deliver-lanes.ts';
import type { Delivery, DeliverOneDeps } from './deliver-one.ts';
import { DeliverySubjects, type DeliverySubjectDeps } from './delivery-subjects.ts';

/** What deliveries are made with. */
export type DeliverDeps = DeliverOneDeps & DeliverySubjectDeps;

export interface DeliverEventsOptions {
  /** Tasks of each channel that are told of at the same time. Default 10. */
  readonly atOnce?: number;
  /** Nothing new is begun after so many milliseconds. Default 40 seconds: with one more try a minute is not over. */
  readonly budgetMs?: number;
  readonly signal?: AbortSignal;
}

/** What became of some events. */
export interface DeliverEventsReport {
  readonly counts: DeliveryCounts;
  /** Events that have to come again, because a store did not answer or there was no time. All others are safe. */
  readonly unsafe: ReadonlySet<TaskEvent>;
}

interface EventDelivery extends Delivery {
  readonly event: TaskEvent;
}

/**
 * Tell people of events: each on every channel that it is for, at once. Give them in the order of their logs. An event that is
 * not in the answer was told, or is in the outbox and {@link deliverDue} tells it; so one may come any number of times. Never
 * rejects.
 */
export async function deliverEvents(
  deps: DeliverDeps,
  events: readonly TaskEvent[],
  options: DeliverEventsOptions = {},
): Promise<DeliverEventsReport> {
  const { atOnce = 10, budgetMs = 2 * limits.delivery.tryMs, signal } = options;
  const bounds: LaneBounds = { atOnce, untilMs: deps.clock.nowMs() + budgetMs, ...(signal && { signal }) };
  const subjects = new DeliverySubjects(deps);
  const unsafe = new Set<TaskEvent>();
  const planned = await Promise.all(
    events.map(async (event) => {
      const deliveries = await planDeliveries(deps, subjects, event);
      if (deliveries === undefined) unsafe.add(event);
      return deliveries ?? [];
    }),
  );
  const { counts, unmade } = await deliverLanes(deps, planned.flat(), bounds);
  for (const { event } of unmade) unsafe.add(event);
  return { counts, unsafe };
}

/** `undefined` when a store did not answer who is to be told. */
async function planDeliveries(
  { logger }: DeliverDeps,
  subjects: DeliverySubjects,
  event: TaskEvent,
): Promise<EventDelivery[] | undefined> {
  const { taskId, seq } = event;
  try {
    const told = await subjects.channelsOf(event);
    return told.map((channel) => ({
      event,
      key: { taskId, seq, channel },
      subject: () => subjects.subjectOf(event),
    }));
  } catch (error) {
    const { code, message } = AbcaError.wrap(error, 'STORE_ERROR', 'not found out who is to be told');
    logger.warn('not found out who is to be told', { taskId, seq, code, message });
    return undefined;
  }
}
