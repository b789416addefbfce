import 'reflect-metadata';
import { deliverEvents, limits, type DeliverEventsOptions } from '@abca/core';
import { Container, type ContainerModule } from 'inversify';
import { createStreamConsumer, type StreamConsumer } from '../stream/stream-consumer.ts';
import { resolveDeliverDeps } from './deliver-deps.ts';

/** Kept back from the time of an invocation, milliseconds: for a try that is begun last, and for writing down how it ended. */
const finishMs = limits.delivery.tryMs + 5_000;

export interface FanOutOptions extends Omit<DeliverEventsOptions, 'budgetMs'> {
  /** Gives a number from 0 to 1, another one each time: who waits is not to wait in step with others. @default Math.random */
  readonly random?: () => number;
}

/**
 * The fan-out: tells people of the events of the stream on every channel that the modules bound. What a channel cannot take now
 * waits in the outbox, for {@link deliverDue}; a record comes again only when a store did not answer or time was up.
 *
 * @param modules bind the ports of deliveries and one `tokens.notifier` per channel
 * @throws AbcaError CONFIG_INVALID when two notifiers are bound for one channel
 */
export function createFanOut(
  modules: readonly ContainerModule[],
  { random, ...options }: FanOutOptions = {},
): StreamConsumer {
  const container = new Container();
  container.load(...modules);
  const deps = resolveDeliverDeps(container, random);
  return createStreamConsumer({
    name: 'fan-out',
    logger: deps.logger,
    async consume(events, context) {
      const leftMs = context?.getRemainingTimeInMillis();
      const budget = leftMs !== undefined && { budgetMs: Math.max(0, leftMs - finishMs) };
      const { counts, unsafe } = await deliverEvents(deps, events, { ...options, ...budget });
      return { unsafe, fields: { deliveries: counts } };
    },
  });
}
