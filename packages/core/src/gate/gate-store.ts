import { AbcaError } from '../errors/abca-error.ts';
import type { NewTaskEvent } from '../events/task-event.ts';
import type { RequestId } from '../ids/ids.ts';
import type { Task } from '../task/task.ts';
import { within } from '../time/within.ts';
import type { ToolGateDeps, ToolGateScope } from './gate-deps.ts';

/** Longest wait for one answer of the store, in milliseconds. A store that never answers must not hold a call for good. */
const answerMs = 10_000;
/** Between tries of a write that may have been made, in milliseconds; doubles. */
const firstPauseMs = 200;
const tries = 3;

/** `act` with a bound, tried a few times while its failure may pass. What it does must be safe to repeat. */
export async function tryStore<T>(
  { clock }: Pick<ToolGateDeps, 'clock'>,
  what: string,
  act: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await askStore({ clock }, what, act);
    } catch (error) {
      const mayPass = !AbcaError.is(error) || error.retryable;
      if (!mayPass || attempt >= tries) throw error;
    }
    await clock.sleep(firstPauseMs * 2 ** (attempt - 1));
  }
}

/** `act` once, with a bound. */
export function askStore<T>(
  { clock }: Pick<ToolGateDeps, 'clock'>,
  what: string,
  act: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  return within(clock, { what, ms: answerMs }, async (signal) => act(signal));
}

export type Resumed =
  | { readonly kind: 'resumed' }
  /** The task is not where it was left: cancelled, ended, or another session's. */
  | { readonly kind: 'lost'; readonly task: Task | undefined }
  | { readonly kind: 'failed'; readonly error: string };

/**
 * AWAITING_APPROVAL → RUNNING, with the events that tell how the wait ended; renews the lease. A task that is found RUNNING
 * after an answer that was lost was resumed by this very write: nobody else leaves that status for it.
 */
export async function resumeTask(
  deps: Pick<ToolGateDeps, 'tasks' | 'clock'>,
  { task, session }: Pick<ToolGateScope, 'task' | 'session'>,
  requestId: RequestId,
  events: readonly NewTaskEvent[],
): Promise<Resumed> {
  try {
    const result = await tryStore(deps, 'resuming the task', (signal) =>
      deps.tasks.transition(
        {
          taskId: task.taskId,
          from: 'AWAITING_APPROVAL',
          to: 'RUNNING',
          atMs: deps.clock.nowMs(),
          expectSession: session,
          expectRequest: requestId,
          events,
        },
        { signal },
      ),
    );
    if (result.kind === 'moved') return { kind: 'resumed' };
    if (result.kind === 'absent') return { kind: 'lost', task: undefined };
    const isMine = result.task.sessionId === session.sessionId && result.task.generation === session.generation;
    return isMine && result.task.status === 'RUNNING' ? { kind: 'resumed' } : { kind: 'lost', task: result.task };
  } catch (error) {
    return { kind: 'failed', error: describeError(error) };
  }
}

/** What a failure of the store says. */
export function describeError(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
