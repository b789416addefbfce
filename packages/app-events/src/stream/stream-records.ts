import { parseEventImage } from '@abca/adapter-dynamodb';
import { AbcaError, type Logger, type TaskEvent } from '@abca/core';
import * as z from 'zod';

/** What is read of a batch, whoever brings it: Lambda, or the pump of a local platform. */
const batchSchema = z.object({ Records: z.array(z.unknown()) });

const keySchema = z.object({
  task_id: z.object({ S: z.string() }),
  seq: z.object({ N: z.string() }),
});

const recordSchema = z.object({
  eventName: z.enum(['INSERT', 'MODIFY', 'REMOVE']),
  dynamodb: z.object({
    /** Names the record within its shard. */
    SequenceNumber: z.string().min(1),
    NewImage: z.record(z.string(), z.unknown()).optional(),
  }),
});

/** An event with the number of its record, by which it can be asked for again. */
export interface StreamedEvent {
  readonly event: TaskEvent;
  readonly sequenceNumber: string;
}

/** The events of a batch, in its order. */
export interface StreamBatch {
  readonly records: number;
  readonly events: readonly StreamedEvent[];
  /** Records that hold no event that this version knows. They are logged, and left behind: they would block all that follow. */
  readonly unreadable: number;
}

/**
 * The events of a batch of the stream of the events table. Records of events that were removed hold none.
 *
 * @throws AbcaError VALIDATION_ERROR when it is no batch at all
 */
export function parseStreamBatch(batch: unknown, logger: Logger): StreamBatch {
  const parsed = batchSchema.safeParse(batch);
  if (!parsed.success) {
    const problem = z.prettifyError(parsed.error);
    throw new AbcaError('VALIDATION_ERROR', `not a batch of a DynamoDB stream: ${problem}; check the trigger`);
  }
  const read = parsed.data.Records.map((record) => readRecord(record, logger));
  return {
    records: read.length,
    events: read.filter((one) => typeof one === 'object'),
    unreadable: read.filter((one) => one === 'unreadable').length,
  };
}

function readRecord(record: unknown, logger: Logger): StreamedEvent | 'removed' | 'unreadable' {
  const parsed = recordSchema.safeParse(record);
  if (!parsed.success) return unreadable(record, logger, z.prettifyError(parsed.error));
  const { eventName, dynamodb } = parsed.data;
  if (eventName === 'REMOVE') return 'removed';
  try {
    return { event: parseEventImage(dynamodb.NewImage ?? {}), sequenceNumber: dynamodb.SequenceNumber };
  } catch (error) {
    return unreadable(record, logger, AbcaError.wrap(error, 'STORE_CORRUPT', 'not an event').message);
  }
}

/** Tells which event it is by its key; what else is in it may be anything. */
function unreadable(record: unknown, logger: Logger, why: string): 'unreadable' {
  const keys = z.object({ dynamodb: z.object({ Keys: keySchema }) }).safeParse(record).data?.dynamodb.Keys;
  logger.error('stream record skipped', {
    errorId: 'STREAM_RECORD_SKIPPED',
    why,
    ...(keys && { taskId: keys.task_id.S, seq: keys.seq.N }),
  });
  return 'unreadable';
}
