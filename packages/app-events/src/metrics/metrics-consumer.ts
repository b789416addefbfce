import {
  approvalMetricsOf,
  emfDocument,
  heartbeat,
  parseIso,
  type Clock,
  type EmfDocument,
  type Logger,
  type MetricDatum,
  type TaskEvent,
} from '@abca/core';
import { createStreamConsumer, type StreamConsumer } from '../stream/stream-consumer.ts';

export interface MetricsConsumerOptions {
  /** Ids that may be told by name; each value of a dimension costs money. */
  readonly builtInRuleIds: readonly string[];
  /** Takes one document as a line of JSON. In Lambda the log is where CloudWatch looks for them. */
  readonly write: (line: string) => void;
  readonly clock: Pick<Clock, 'nowMs'>;
  readonly logger: Logger;
}

/**
 * The consumer that makes metrics of approvals from the events of the stream, in CloudWatch's embedded metric format. It asks for
 * no record again: a batch that comes again is counted again, and it only does when the function itself died.
 */
export function createMetricsConsumer({
  builtInRuleIds,
  write,
  clock,
  logger,
}: MetricsConsumerOptions): StreamConsumer {
  const emit = (document: EmfDocument): void => {
    write(JSON.stringify(document));
  };
  return createStreamConsumer({
    name: 'metrics',
    logger,
    async consume(events) {
      const documents = events.flatMap((event) => documentsOf(event, builtInRuleIds));
      documents.forEach(emit);
      emit(emfDocument(heartbeat, { atMs: clock.nowMs() }));
      return { unsafe: new Set(), fields: { metrics: documents.length } };
    },
  });
}

/** At the time of the event: a late batch belongs to the hour in which things happened. */
function documentsOf(event: TaskEvent, builtInRuleIds: readonly string[]): readonly EmfDocument[] {
  const atMs = parseIso(event.timestamp);
  const fields = { task_id: event.taskId, seq: event.seq };
  return approvalMetricsOf(event, { builtInRuleIds }).map((datum: MetricDatum) => emfDocument(datum, { atMs, fields }));
}
