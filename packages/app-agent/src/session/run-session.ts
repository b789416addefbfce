import { createEventPublisher, type SessionResult, type Task, within } from '@abca/core';
import { saveWork } from '../delivery/save-work.ts';
import { fencedLog } from '../events/fenced-log.ts';
import { errorEvent } from '../events/progress-events.ts';
import { createSessionReporter } from '../events/session-reporter.ts';
import { LeaseKeeper } from '../lease/lease-keeper.ts';
import { endBoundsOf } from './bounds.ts';
import { doWork } from './do-work.ts';
import { cleanupMarginOf } from './lifetime.ts';
import { completeCallback, reportResult, type ReportRun } from './report-result.ts';
import type { SessionEnd } from './session-end.ts';
import { toSessionResult, type WorkEnd } from './session-result.ts';
import { noFacts, type SessionRun } from './session-run.ts';
import type { Session, SessionDeps } from './session.ts';
import { createStopSwitch, stopOnSignal } from './stop-switch.ts';

/**
 * One agent session, from its lease to its report. Ends by itself in every case: done, cap, cancel, lost lease, SIGTERM,
 * lifetime, fatal error. The work is saved first; the reason is on the row, unless the task is not this session's any more.
 *
 * @param options.signal ends the session early; the code of an AbcaError given as its reason is reported
 */
export async function runSession(
  deps: SessionDeps,
  session: Session,
  options: { readonly signal?: AbortSignal } = {},
): Promise<SessionEnd> {
  const stop = createStopSwitch();
  if (options.signal !== undefined) stopOnSignal(stop, options.signal);
  const lease = new LeaseKeeper(deps, session, stop);
  const task = await acquire({ deps, session, lease, stop });
  if ('kind' in task) return task;
  if (task.result !== undefined) return reportedBefore(deps, task, task.result);
  lease.start();
  try {
    return await leasedSession({ ...startRun(deps, task, lease), session, stop, lease });
  } finally {
    await lease.end();
  }
}

async function acquire(start: ReportRun): Promise<Task | SessionEnd> {
  const { deps, lease, stop } = start;
  try {
    const first = await lease.acquire();
    if (first.kind === 'held') return first.task;
    deps.logger.warn('no lease', { renewal: first.kind });
    return first.kind === 'lost' ? { kind: 'lease_lost' } : { kind: 'unreported', why: first.message };
  } catch (error) {
    const reason = stop.reason();
    if (reason === undefined) throw error;
    return reportResult(start, toSessionResult({ kind: 'stopped', reason }, noFacts(deps.agent.modelLabel)));
  }
}

/** A session that is started again after its report does nothing twice. */
async function reportedBefore(deps: SessionDeps, task: Task, result: SessionResult): Promise<SessionEnd> {
  deps.logger.info('the result is on the row already');
  await completeCallback({ deps }, task, result.outcome);
  return { kind: 'reported', result };
}

function startRun(
  deps: SessionDeps,
  task: Task,
  lease: LeaseKeeper,
): Pick<SessionRun, 'deps' | 'task' | 'reporter' | 'cleanupMarginMs' | 'facts'> {
  const { taskId, userId, repo } = task;
  const publisher = createEventPublisher({
    log: fencedLog(deps.events, lease),
    owner: { taskId, userId, repo },
    breaker: { failures: 0, open: false },
    logger: deps.logger,
  });
  return {
    deps,
    task,
    reporter: createSessionReporter(publisher),
    cleanupMarginMs: cleanupMarginOf(task, deps.clock.nowMs()),
    facts: noFacts(deps.agent.modelLabel),
  };
}

async function leasedSession(run: SessionRun): Promise<SessionEnd> {
  const { logger } = run.deps;
  logger.info('session working', { model: run.deps.agent.modelLabel });
  const worked = await doWork(run);
  const end = needsSave(worked) ? await saveAtEnd(run, worked) : worked;
  await tellEnd(run, end);
  // The task belongs to somebody else: it is theirs to say how it ended.
  const lost = run.lease.loss !== undefined;
  logger.info('session over', { end: end.kind, lost });
  return lost ? { kind: 'lease_lost' } : reportResult(run, toSessionResult(end, run.facts));
}

/** What was delivered is on the branch, what was not changed is nowhere. */
function needsSave(end: WorkEnd): boolean {
  return end.kind !== 'delivered' && end.kind !== 'nothing_changed';
}

async function saveAtEnd(run: SessionRun, end: WorkEnd): Promise<WorkEnd> {
  const { deps, stop, facts, lease, cleanupMarginMs } = run;
  await lease.confirm();
  if (facts.checkout === undefined || isReplaced(run)) return end;
  try {
    await within(deps.clock, { what: 'saving the work', ms: endBoundsOf(stop, cleanupMarginMs).saveMs }, (signal) =>
      saveWork(run, signal),
    );
  } catch (error) {
    deps.logger.error('the work could not be saved', { error });
    return withNote(
      end,
      `; its last changes could not be saved: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
  return end;
}

/** Fencing: a session that was replaced does not write the ref that its successor writes. */
function isReplaced({ lease: { loss }, session }: SessionRun): boolean {
  return loss !== undefined && loss.task?.generation !== session.generation;
}

function withNote(end: WorkEnd, note: string): WorkEnd {
  switch (end.kind) {
    case 'capped':
    case 'failed':
      return { ...end, failure: { ...end.failure, message: end.failure.message + note } };
    case 'stopped': {
      const { reason } = end;
      return { ...end, reason: { ...reason, failure: { ...reason.failure, message: reason.failure.message + note } } };
    }
    case 'delivered':
    case 'nothing_changed':
      return end;
    default:
      return end satisfies never;
  }
}

/** Events come before the result: after it the orchestrator writes the one that ends the log. */
async function tellEnd({ deps, reporter, stop, cleanupMarginMs }: SessionRun, end: WorkEnd): Promise<void> {
  const failure = end.kind === 'stopped' ? end.reason.failure : 'failure' in end ? end.failure : undefined;
  try {
    await within(
      deps.clock,
      { what: 'writing the events', ms: endBoundsOf(stop, cleanupMarginMs).flushMs },
      async () => {
        if (failure !== undefined) await reporter.publish(errorEvent(failure.code, failure.message));
        await reporter.flush();
      },
    );
  } catch (error) {
    deps.logger.warn('events not written', { error });
  }
}
