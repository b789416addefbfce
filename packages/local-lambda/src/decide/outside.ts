import { LambdaApiError, invalidParameter } from '../errors.ts';
import type { Change, OperationRecord } from '../model/execution.ts';
import { byteLength, LIMITS } from '../model/limits.ts';
import type { ErrorObject, OperationStatus } from '../model/wire.ts';
import { closeExecution } from './close.ts';
import { Draft, type ReadState } from './draft.ts';
import { decideInvocationTimeout } from './invocation.ts';
import { applyDueOperations, executionDeadlineMs } from './timers.ts';

/** What the outside world tells a callback. */
export type CallbackSignal =
  | { readonly kind: 'success'; readonly result: string | undefined }
  | { readonly kind: 'failure'; readonly error: ErrorObject }
  | { readonly kind: 'heartbeat' };

/** How a chained execution, or a plain function, ended. */
export interface ChainedResult {
  readonly status: 'SUCCEEDED' | 'FAILED' | 'TIMED_OUT' | 'STOPPED';
  readonly result?: string | undefined;
  readonly error?: ErrorObject | undefined;
}

/**
 * Let time pass: everything that is due happens.
 *
 * @returns `undefined` when nothing is due.
 */
export function decideDue(state: ReadState, nowMs: number): Change | undefined {
  if (state.outcome !== undefined) return undefined;
  const draft = new Draft(state, nowMs);
  if (nowMs >= executionDeadlineMs(state)) {
    const error = { ErrorType: 'ExecutionTimedOut', ErrorMessage: 'the execution timed out' };
    return closeExecution(state, draft, { status: 'TIMED_OUT', error });
  }
  applyDueOperations(state, draft);
  const timeout = decideInvocationTimeout(state, nowMs);
  if (draft.isEmpty && timeout === undefined) return undefined;
  const { operations, events = [] } = draft.toChange();
  return { ...timeout, operations, events: [...events, ...(timeout?.events ?? [])], unseen: draft.touched };
}

/**
 * Complete a callback, or prove that its worker lives.
 *
 * @throws LambdaApiError CallbackTimeoutException when the callback or its execution has ended;
 * ResourceNotFoundException when the execution never made this id.
 */
export function decideCallback(state: ReadState, callbackId: string, signal: CallbackSignal, nowMs: number): Change {
  const operation = findCallback(state, callbackId);
  const draft = new Draft(state, nowMs);
  if (state.outcome === undefined) applyDueOperations(state, draft);
  if (state.outcome !== undefined || draft.find(operation.id)?.status !== 'STARTED') {
    throw new LambdaApiError('CallbackTimeoutException', 'The callback has timed out or has already been completed.');
  }
  if (signal.kind === 'heartbeat') return heartbeat(draft, operation);
  completeCallback(draft, operation, signal);
  return { ...draft.toChange(), unseen: draft.touched };
}

function findCallback(state: ReadState, callbackId: string): OperationRecord {
  for (const operation of state.operations.values()) {
    if (operation.callback?.callbackId === callbackId) return operation;
  }
  throw new LambdaApiError('ResourceNotFoundException', 'Callback not found.');
}

/** A heartbeat wakes nobody: the handler does not see it. Without a heartbeat timeout it changes nothing. */
function heartbeat(draft: Draft, operation: OperationRecord): Change {
  const others = draft.touched;
  const { callback } = operation;
  if (callback?.heartbeatSeconds !== undefined) {
    const heartbeatDueMs = draft.nowMs + callback.heartbeatSeconds * 1000;
    draft.put({ ...operation, callback: { ...callback, heartbeatDueMs } });
  }
  return { ...draft.toChange(), unseen: others };
}

function completeCallback(
  draft: Draft,
  operation: OperationRecord,
  signal: Exclude<CallbackSignal, { kind: 'heartbeat' }>,
): void {
  const ended = { ...operation, endMs: draft.nowMs, dueMs: undefined };
  if (signal.kind === 'success') {
    if (byteLength(signal.result) > LIMITS.operationPayloadBytes) {
      const limit = String(LIMITS.operationPayloadBytes);
      throw invalidParameter(`CALLBACK output payload size must be less than or equal to ${limit} bytes.`);
    }
    draft.put({ ...ended, status: 'SUCCEEDED', result: signal.result });
    draft.event({ type: 'CallbackSucceeded', operationId: operation.id });
    return;
  }
  if (byteLength(JSON.stringify(signal.error)) > LIMITS.errorBytes) {
    throw invalidParameter(`Error object size must be less than ${String(LIMITS.errorBytes)} bytes.`);
  }
  draft.put({ ...ended, status: 'FAILED', error: signal.error });
  draft.event({ type: 'CallbackFailed', operationId: operation.id });
}

/**
 * Hand a chained function's end to the operation that waits for it.
 *
 * @returns `undefined` when nothing waits any more.
 */
export function decideChainedEnd(
  state: ReadState,
  operationId: string,
  ended: ChainedResult,
  nowMs: number,
): Change | undefined {
  const operation = state.operations.get(operationId);
  if (state.outcome !== undefined || operation?.status !== 'STARTED') return undefined;
  const draft = new Draft(state, nowMs);
  const { result, error } = ended;
  draft.put({ ...operation, status: ended.status, endMs: nowMs, result, error });
  draft.event({ type: `ChainedInvoke${CHAINED_EVENT[ended.status]}`, operationId });
  return { ...draft.toChange(), unseen: [operationId] };
}

const CHAINED_EVENT = {
  SUCCEEDED: 'Succeeded',
  FAILED: 'Failed',
  TIMED_OUT: 'TimedOut',
  STOPPED: 'Stopped',
} as const satisfies Partial<Record<OperationStatus, string>>;

/** Stop an execution for good; `undefined` when it has already ended. */
export function decideStop(state: ReadState, error: ErrorObject | undefined, nowMs: number): Change | undefined {
  if (state.outcome !== undefined) return undefined;
  return closeExecution(state, new Draft(state, nowMs), { status: 'STOPPED', error });
}
