import { AbcaError } from '../errors/abca-error.ts';
import { limits } from '../limits.ts';
import { mostAppended } from './event-bounds.ts';
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
  /**
   * Append, in call order. Calls that come while the log is being written are written together, so that a slow log falls
   * behind by one write and not by one per call. Never rejects: an agent does not fail for its telemetry.
   */
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
  let underWay = 0;
  let gathering: (readonly NewTaskEvent[])[] = [];
  const write = async (calls: readonly (readonly NewTaskEvent[])[]): Promise<void> => {
    // From here on nothing joins them.
    if (gathering === calls) gathering = [];
    await appendCalls(options, calls);
    underWay -= 1;
  };
  return {
    publish(...events) {
      if (gathering.length > 0 && gathering.flat().length + events.length <= mostAppended) {
        gathering.push(events);
        return last;
      }
      const calls = [events];
      if (underWay > 0) gathering = calls;
      underWay += 1;
      last = last.then(() => write(calls));
      return last;
    },
  };
}

/** Append calls at once, so that they cost one write. */
async function appendCalls(
  options: Parameters<typeof createEventPublisher>[0],
  calls: readonly (readonly NewTaskEvent[])[],
): Promise<void> {
  const { log, owner, breaker, logger } = options;
  const events = calls.flat();
  if (breaker.open || events.length === 0) return;
  try {
    await log.append(owner, events);
    breaker.failures = 0;
  } catch (error) {
    const reason = reasonOf(error);
    if (calls.length === 1 || classifyPublishError(reason) !== 'permanent') {
      countFailure(breaker, logger, reason);
      return;
    }
    // Refused for good, so surely not written: the call that is at fault goes, the others need not.
    for (const call of calls) await appendCalls(options, [call]);
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
