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
import { RecentKeys } from './recent-keys.ts';
import { createStreamConsumer, type StreamConsumer } from '../stream/stream-consumer.ts';

export interface MetricsConsumerOptions {
  /** Ids that may be told by name; each value of a dimension costs money. */
  readonly builtInRuleIds: readonly string[];
  /** Takes one document as a line of JSON. In Lambda the log is where CloudWatch looks for them. */
  readonly write: (line: string) => void;
  readonly clock: Pick<Clock, 'nowMs'>;
  readonly logger: Logger;
}

/** Events that a process knows it has counted: more than a batch of 10,000, the most that Lambda hands over, and the next. */
const rememberedEvents = 20_000;

/**
 * The consumer that makes metrics of approvals from the events of the stream, in CloudWatch's embedded metric format. It asks for
 * no record again. A batch that comes again to the same process adds nothing; one that comes again to another, for the first died
 * or its answer was lost, is counted twice: a line of a log cannot be taken back. Each line names its event, by which the log can
 * be counted exactly.
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
  const counted = new RecentKeys(rememberedEvents);
  return createStreamConsumer({
    name: 'metrics',
    logger,
    async consume(events) {
      let metrics = 0;
      for (const event of events) {
        const key = `${event.taskId}#${String(event.seq)}`;
        if (counted.has(key)) continue;
        const documents = documentsOf(event, builtInRuleIds);
        documents.forEach(emit);
        // Only now: what could not be written comes again.
        if (documents.length > 0) counted.add(key);
        metrics += documents.length;
      }
      emit(emfDocument(heartbeat, { atMs: clock.nowMs() }));
      return { unsafe: new Set(), fields: { metrics } };
    },
  });
}

/** At the time of the event: a late batch belongs to the hour in which things happened. */
function documentsOf(event: TaskEvent, builtInRuleIds: readonly string[]): readonly EmfDocument[] {
  const atMs = parseIso(event.timestamp);
  const fields = { task_id: event.taskId, seq: event.seq };
  return approvalMetricsOf(event, { builtInRuleIds }).map((datum: MetricDatum) => emfDocument(datum, { atMs, fields }));
}
