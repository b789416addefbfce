import { AbcaError, type ErrorCode } from '../errors/abca-error.ts';
import { channels, type Channel } from '../notify/audience.ts';
import { deliverOne, type Delivery, type DeliveryEnd, type DeliverOneDeps } from './deliver-one.ts';

/** How much is taken on. */
export interface LaneBounds {
  /** Tasks of each channel that are told of at the same time. */
  readonly atOnce: number;
  /** Nothing new is begun after this, milliseconds since the epoch. */
  readonly untilMs: number;
  /** Nor once this is aborted. */
  readonly signal?: AbortSignal;
}

/** How many deliveries ended how. `left`: there was no time to begin them. `failed`: the outbox did not answer. */
export type DeliveryCounts = Readonly<Partial<Record<DeliveryEnd | 'left' | 'failed', number>>>;

/** What became of some deliveries. */
export interface LaneReport<D extends Delivery> {
  readonly counts: DeliveryCounts;
  /** Why the outbox did not answer. */
  readonly errors: Readonly<Partial<Record<ErrorCode, number>>>;
  /** Those that have to come again: failed, or left. */
  readonly unmade: ReadonlySet<D>;
}

/**
 * Make deliveries: those of one task on one channel in the given order, all others side by side, each channel with room of its
 * own. A channel that is slow keeps none of the others waiting. Never rejects.
 */
export async function deliverLanes<D extends Delivery>(
  deps: DeliverOneDeps,
  deliveries: readonly D[],
  bounds: LaneBounds,
): Promise<LaneReport<D>> {
  const tally = { counts: {}, errors: {}, unmade: new Set<D>() };
  await Promise.all(channels.map((channel) => runChannel({ deps, bounds, tally }, lanesOf(deliveries, channel))));
  return tally;
}

interface LaneRun<D extends Delivery> {
  readonly deps: DeliverOneDeps;
  readonly bounds: LaneBounds;
  readonly tally: {
    readonly counts: Record<string, number>;
    readonly errors: Record<string, number>;
    readonly unmade: Set<D>;
  };
}

function lanesOf<D extends Delivery>(deliveries: readonly D[], channel: Channel): D[][] {
  const own = deliveries.filter(({ key }) => key.channel === channel);
  return [...Map.groupBy(own, ({ key }) => key.taskId).values()];
}

async function runChannel<D extends Delivery>(run: LaneRun<D>, lanes: D[][]): Promise<void> {
  const waiting = lanes.values();
  const work = async (): Promise<void> => {
    for (const lane of waiting) {
      for (const delivery of lane) await runOne(run, delivery);
    }
  };
  await Promise.all(Array.from({ length: Math.min(run.bounds.atOnce, lanes.length) }, work));
}

async function runOne<D extends Delivery>({ deps, bounds, tally }: LaneRun<D>, delivery: D): Promise<void> {
  if (deps.clock.nowMs() >= bounds.untilMs || bounds.signal?.aborted === true) {
    count(tally.counts, 'left');
    tally.unmade.add(delivery);
    return;
  }
  try {
    count(tally.counts, await deliverOne(deps, delivery));
  } catch (error) {
    const { code, message } = AbcaError.wrap(error, 'STORE_ERROR', 'outbox did not answer');
    count(tally.counts, 'failed');
    count(tally.errors, code);
    tally.unmade.add(delivery);
    deps.logger.warn('outbox did not answer', { ...delivery.key, code, message });
  }
}

function count(counts: Record<string, number>, key: string): void {
  counts[key] = (counts[key] ?? 0) + 1;
}
