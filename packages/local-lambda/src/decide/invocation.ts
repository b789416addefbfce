import type { Change, InvocationRecord } from '../model/execution.ts';
import { byteLength, LIMITS } from '../model/limits.ts';
import type { ErrorObject } from '../model/wire.ts';
import { closeExecution } from './close.ts';
import { Draft, isTerminal, type ReadState } from './draft.ts';
import { applyDueOperations } from './timers.ts';

/** What a handler made of an invocation. */
export type InvocationResult =
  | { readonly kind: 'succeeded'; readonly result: string | undefined }
  | { readonly kind: 'failed'; readonly error: ErrorObject }
  | { readonly kind: 'pending' }
  | { readonly kind: 'invalid' }
  | { readonly kind: 'threw'; readonly error: ErrorObject };

/** Wait before an invocation that threw is started again: doubles from the first to the last, in milliseconds. */
const RETRY = { firstMs: 200, lastMs: 60_000 } as const;

/** Whether an invocation should start now. */
export function isInvocationOwed(state: ReadState, nowMs: number): boolean {
  if (state.outcome !== undefined || state.invocation !== undefined) return false;
  if (state.retry !== undefined && state.retry.atMs > nowMs) return false;
  return state.wake || state.unseen.size > 0;
}

/** Begin an invocation, if one is owed: it gets a fresh token and is told everything. */
export function decideInvocationStart(state: ReadState, id: string, nowMs: number): Change | undefined {
  if (!isInvocationOwed(state, nowMs)) return undefined;
  const draft = new Draft(state, nowMs);
  applyDueOperations(state, draft);
  return {
    ...draft.toChange(),
    invocation: { id, startMs: nowMs },
    token: state.token + 1,
    seen: true,
    wake: false,
  };
}

/**
 * Decide what follows from a finished invocation.
 *
 * @returns `undefined` when the invocation is not the running one any more (it timed out, or the execution was
 * stopped): its answer counts for nothing.
 */
export function decideInvocationEnd(
  state: ReadState,
  invocationId: string,
  result: InvocationResult,
  nowMs: number,
): Change | undefined {
  const inFlight = state.invocation;
  if (state.outcome !== undefined || inFlight?.id !== invocationId) return undefined;
  const draft = new Draft(state, nowMs);
  const invocation = { ...inFlight, endMs: nowMs, error: errorOf(result) };
  draft.event({ type: 'InvocationCompleted', invocation });
  return afterInvocation(state, draft, result);
}

/** The invocation's process is gone, with whatever it had not checkpointed: another is owed. */
export function decideRecovery(state: ReadState, nowMs: number): Change | undefined {
  if (state.outcome !== undefined || state.invocation === undefined) return undefined;
  return giveUp(state, nowMs, { ErrorType: 'Runtime.ExitError', ErrorMessage: 'the process of the invocation ended' });
}

/** The invocation took longer than it may: another is owed, and the old one's token is worthless. */
export function decideInvocationTimeout(state: ReadState, nowMs: number): Change | undefined {
  if (state.invocation === undefined) return undefined;
  if (nowMs < state.invocation.startMs + state.start.invocationTimeoutMs) return undefined;
  const error = { ErrorType: 'Sandbox.Timedout', ErrorMessage: 'the invocation timed out' };
  return { ...giveUp(state, nowMs, error), retry: nextRetry(state, nowMs) };
}

function giveUp(state: ReadState, nowMs: number, error: ErrorObject): Change {
  const invocation: InvocationRecord | undefined = state.invocation && { ...state.invocation, endMs: nowMs, error };
  return {
    events: [{ type: 'InvocationCompleted', atMs: nowMs, invocation }],
    invocation: null,
    wake: true,
    retry: null,
  };
}

function afterInvocation(state: ReadState, draft: Draft, result: InvocationResult): Change {
  switch (result.kind) {
    case 'succeeded':
      if (byteLength(result.result) > LIMITS.synchronousPayloadBytes) {
        return fail(
          state,
          draft,
          'Function.ResponseSizeTooLarge',
          'Response payload size exceeded maximum allowed size.',
        );
      }
      return closeExecution(state, draft, { status: 'SUCCEEDED', result: result.result });
    case 'failed':
      return closeExecution(state, draft, { status: 'FAILED', error: result.error });
    case 'invalid':
      return fail(state, draft, 'InvalidParameterValueException', 'Invalid Status in invocation output.');
    case 'threw':
      return { ...draft.toChange(), invocation: null, wake: true, retry: nextRetry(state, draft.nowMs) };
    case 'pending':
      return afterSuspension(state, draft);
    default:
      return result satisfies never;
  }
}

/**
 * A suspended handler sleeps until something changes. Two changes may already have happened: one that the invocation
 * was not told of, and one that it was told of but no longer acted on before it suspended. Neither may be lost.
 */
function afterSuspension(state: ReadState, draft: Draft): Change {
  applyDueOperations(state, draft);
  const unseen = draft.touched;
  const isPending = [...state.operations.values()].some((operation) => isPendingOperation(state, operation.id));
  const isWoken = unseen.length > 0 || state.unseen.size > 0;
  if (!isWoken && !isPending && state.changedDuringInvocation.size === 0) {
    const message = 'Cannot return PENDING status with no pending operations.';
    return fail(state, draft, 'InvalidParameterValueException', message);
  }
  return { ...draft.toChange(), invocation: null, unseen, wake: !isWoken && !isPending, retry: null };
}

/** Whether something outside the handler will still change the operation. */
function isPendingOperation(state: ReadState, id: string): boolean {
  const operation = state.operations.get(id);
  if (operation === undefined || isTerminal(operation)) return false;
  if (operation.type === 'STEP') return operation.status === 'PENDING';
  return operation.type === 'WAIT' || operation.type === 'CALLBACK' || operation.type === 'CHAINED_INVOKE';
}

function fail(state: ReadState, draft: Draft, type: string, message: string): Change {
  return closeExecution(state, draft, { status: 'FAILED', error: { ErrorType: type, ErrorMessage: message } });
}

function nextRetry(state: ReadState, nowMs: number): { failures: number; atMs: number } {
  const failures = (state.retry?.failures ?? 0) + 1;
  const delayMs = Math.min(RETRY.firstMs * 2 ** (failures - 1), RETRY.lastMs);
  return { failures, atMs: nowMs + delayMs };
}

function errorOf(result: InvocationResult): ErrorObject | undefined {
  return result.kind === 'failed' || result.kind === 'threw' ? result.error : undefined;
}
