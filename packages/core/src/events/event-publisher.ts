import { AbcaError } from '../errors/abca-error.ts';
import { limits } from '../limits.ts';
import type { EventLog } from '../ports/event-log.ts';
import type { Logger } from '../ports/logger.ts';
import { classifyPublishError } from './publish-error-class.ts';
import type { EventOwner, NewTaskEvent } from './task-event.ts';

/** Whether the events of one task are still written. Shared by all its writers: with one each, half a stream went on. */
export interface PublishBreaker {
  /** Transient failures in a row. */
  failures: number;
  /** Once open it stays open: opening and closing by turns would leave holes nobody can explain. */
  open: boolean;
}

/** Writes events of a running session. */
export interface EventPublisher {
  /** Append, in call order. Never rejects: an agent does not fail for its telemetry. */
  publish(...events: readonly NewTaskEvent[]): Promise<void>;
}

/** A publisher over `log` that stops writing by the rules of {@link classifyPublishError}. */
export function createEventPublisher(options: {
  readonly log: Pick<EventLog, 'append'>;
  readonly owner: EventOwner;
  readonly breaker: PublishBreaker;
  readonly logger: Logger;
}): EventPublisher {
  let last: Promise<void> = Promise.resolve();
  return {
    publish(...events) {
      last = last.then(() => appendGuarded(options, events));
      return last;
    },
  };
}

async function appendGuarded(
  { log, owner, breaker, logger }: Parameters<typeof createEventPublisher>[0],
  events: readonly NewTaskEvent[],
): Promise<void> {
  if (breaker.open || events.length === 0) return;
  try {
    await log.append(owner, events);
    breaker.failures = 0;
  } catch (error) {
    countFailure(breaker, logger, reasonOf(error));
  }
}

function countFailure(breaker: PublishBreaker, logger: Logger, reason: string): void {
  const kind = classifyPublishError(reason);
  if (kind === 'permanent') {
    logger.warn('event dropped', { reason });
    return;
  }
  breaker.failures += 1;
  breaker.open = kind === 'disable' || breaker.failures >= limits.publisherFailures;
  if (kind === 'unknown') logger.error('event not written: UNKNOWN error', { reason, open: breaker.open });
  else logger.warn('event not written', { reason, open: breaker.open });
}

function reasonOf(error: unknown): string {
  if (AbcaError.is(error)) return String(error.details?.['reason'] ?? error.code);
  return error instanceof Error ? error.name : 'UNKNOWN';
}
