import { AbcaError, sessionStatuses, type SessionResult, type Task, within, retryTransient } from '@abca/core';
import { bounds, endBoundsOf } from './bounds.ts';
import type { SessionEnd } from './session-end.ts';
import type { SessionRun } from './session-run.ts';

/** Between tries while the store is away, in milliseconds: first, and longest. */
const pause = { firstMs: 250, maxMs: 5_000 };

/** What a report needs of a session: less than a session that got as far as its work. */
export type ReportRun = Pick<SessionRun, 'deps' | 'session' | 'stop' | 'lease'>;

type Written =
  | { readonly kind: 'written'; readonly task: Task }
  | { readonly kind: 'lost' }
  | { readonly kind: 'refused'; readonly why: string; readonly mayPass: boolean };

/**
 * Put the result on the row while the task still is this session's, trying for as long as the lease lasts when the store
 * is away, and once in any case; then tell whoever waits. In this order: what the waiting one finds must be there.
 */
export async function reportResult(run: ReportRun, result: SessionResult): Promise<SessionEnd> {
  const { clock, logger } = run.deps;
  const endsAtMs = reportUntilMs(run);
  for (let pauseMs = pause.firstMs; ; pauseMs = Math.min(pauseMs * 2, pause.maxMs)) {
    const written = await writeResult(run, result);
    if (written.kind === 'lost') return { kind: 'lease_lost' };
    if (written.kind === 'written') {
      await completeCallback(run, written.task, result.outcome);
      return { kind: 'reported', result };
    }
    if (!written.mayPass || clock.nowMs() + pauseMs > endsAtMs()) {
      logger.error('the result could not be reported', { why: written.why, result });
      return { kind: 'unreported', why: written.why };
    }
    await clock.sleep(pauseMs);
  }
}

/** Tell whoever waits that the session is over. The row is what counts, so this gives up after a while. */
export async function completeCallback(
  { deps }: Pick<ReportRun, 'deps'>,
  { sessionCallbackId }: Task,
  outcome: SessionResult['outcome'],
): Promise<void> {
  if (sessionCallbackId === undefined) return;
  const bound = { what: 'completing the callback', ms: bounds.callbackMs };
  try {
    await within(deps.clock, bound, (signal) =>
      retryTransient(deps.clock, { tries: 8, firstDelayMs: pause.firstMs, signal }, () =>
        deps.signals.complete(sessionCallbackId, { outcome }, { signal }),
      ),
    );
  } catch (error) {
    deps.logger.warn('callback not completed; the result is on the row', { error });
  }
}

/** The lease may still be renewed while the report is tried; after a SIGTERM there is less time than a lease. */
function reportUntilMs({ deps, stop, lease }: ReportRun): () => number {
  const boundMs = deps.clock.nowMs() + endBoundsOf(stop).reportMs;
  return () => Math.min(lease.endsAtMs, boundMs);
}

async function writeResult({ deps, session, stop }: ReportRun, result: SessionResult): Promise<Written> {
  const { taskId, sessionId, generation } = session;
  const amendment = {
    taskId,
    atMs: deps.clock.nowMs(),
    whileIn: sessionStatuses,
    expectSession: { sessionId, generation },
    patch: { result },
  };
  const bound = { what: 'writing the result', ms: Math.min(bounds.answerMs, endBoundsOf(stop).reportMs) };
  try {
    const amended = await within(deps.clock, bound, (signal) => deps.tasks.amend(amendment, { signal }));
    return amended.kind === 'moved' ? { kind: 'written', task: amended.task } : { kind: 'lost' };
  } catch (error) {
    const { message, retryable } = AbcaError.wrap(error, 'STORE_ERROR', 'the result was not written');
    deps.logger.warn('result not written', { error });
    return { kind: 'refused', why: message, mayPass: retryable };
  }
}
