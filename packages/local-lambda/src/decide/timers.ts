import type { OperationRecord } from '../model/execution.ts';
import { isTerminal, type Draft, type ReadState } from './draft.ts';

/** Error types by which a handler can tell the two timeouts of a callback apart. */
export const CALLBACK_TIMEOUT = { deadline: 'Callback.Timeout', heartbeat: 'Callback.Heartbeat' } as const;

/** When the execution as a whole times out, in epoch milliseconds. */
export function executionDeadlineMs(state: ReadState): number {
  return state.startMs + state.start.executionTimeoutSeconds * 1000;
}

/**
 * When time alone changes the execution next, in epoch milliseconds; `undefined` when it is closed.
 * Nothing else needs to be remembered to schedule it: the answer follows from what is stored.
 */
export function nextDueMs(state: ReadState): number | undefined {
  if (state.outcome !== undefined) return undefined;
  const next = Math.min(executionDeadlineMs(state), nextOperationDueMs(state) ?? Number.POSITIVE_INFINITY);
  if (state.invocation !== undefined) {
    return Math.min(next, state.invocation.startMs + state.start.invocationTimeoutMs);
  }
  return state.retry === undefined ? next : Math.min(next, state.retry.atMs);
}

/** When time alone changes an operation next, in epoch milliseconds. */
export function nextOperationDueMs(state: ReadState): number | undefined {
  let next: number | undefined;
  for (const operation of state.operations.values()) {
    const due = operationDueMs(operation);
    if (due !== undefined && (next === undefined || due < next)) next = due;
  }
  return next;
}

/** When time alone changes the operation, if ever. */
export function operationDueMs(operation: OperationRecord): number | undefined {
  if (isTerminal(operation)) return undefined;
  const heartbeat = operation.callback?.heartbeatDueMs;
  if (heartbeat === undefined) return operation.dueMs;
  return operation.dueMs === undefined ? heartbeat : Math.min(operation.dueMs, heartbeat);
}

/** Move every operation whose time has come: waits end, steps become ready, callbacks time out. */
export function applyDueOperations(state: ReadState, draft: Draft): void {
  for (const operation of state.operations.values()) {
    const due = operationDueMs(operation);
    if (due !== undefined && due <= draft.nowMs) applyDue(draft, operation);
  }
}

function applyDue(draft: Draft, operation: OperationRecord): void {
  if (operation.type === 'STEP') {
    draft.put({ ...operation, status: 'READY', dueMs: undefined });
    return;
  }
  if (operation.type === 'WAIT') {
    draft.put({ ...operation, status: 'SUCCEEDED', endMs: draft.nowMs, dueMs: undefined });
    draft.event({ type: 'WaitSucceeded', operationId: operation.id });
    return;
  }
  timeOutCallback(draft, operation);
}

function timeOutCallback(draft: Draft, operation: OperationRecord): void {
  const isDeadline = operation.dueMs !== undefined && operation.dueMs <= draft.nowMs;
  const error = isDeadline
    ? { ErrorType: CALLBACK_TIMEOUT.deadline, ErrorMessage: 'Callback timed out' }
    : { ErrorType: CALLBACK_TIMEOUT.heartbeat, ErrorMessage: 'Callback timed out on heartbeat' };
  draft.put({ ...operation, status: 'TIMED_OUT', endMs: draft.nowMs, dueMs: undefined, error });
  draft.event({ type: 'CallbackTimedOut', operationId: operation.id });
}
