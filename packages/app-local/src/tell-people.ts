import { builtInRuleIds } from '@abca/adapter-cedar/built-in-rule-ids';
import { createFanOut, createMetricsConsumer, resolveDeliverDeps } from '@abca/app-events';
import { deliverDue } from '@abca/core';
import type { Container, ContainerModule } from 'inversify';
import { startEventConsumers, type EventConsumers } from './event-consumers.ts';
import type { Services } from './services.ts';
import { openCheckpoint } from './stream-checkpoint.ts';

/** Between two looks for deliveries that are due, milliseconds: a channel that asked for a second gets no more. */
const sweepMs = 1_000;

/**
 * Bring the events to the consumers that read them on AWS, also where no channel is set up: somebody who wants to be told on one
 * learns why not, and a channel that is set up later is not told what happened before. The metrics go to the log.
 */
export function tellPeople(
  container: Container,
  modules: readonly ContainerModule[],
  { clients, tables }: Services,
): EventConsumers {
  const deps = resolveDeliverDeps(container);
  const { clock, logger } = deps;
  const write = (line: string): void => {
    logger.debug('metrics', { emf: line });
  };
  const consumers = {
    'fan-out': createFanOut(modules),
    metrics: createMetricsConsumer({ builtInRuleIds, write, clock, logger }),
  };
  return startEventConsumers({
    client: clients.streams,
    tableName: tables.events,
    consumers: Object.entries(consumers).map(([name, handle]) => ({
      name,
      handle,
      checkpoint: openCheckpoint(clients.documents, tables.outbox, name),
    })),
    sweep: (signal) => deliverDue(deps, { signal }),
    sweepMs,
    clock,
    logger,
  });
}
