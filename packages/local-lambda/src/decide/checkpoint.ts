import { invalidToken } from '../errors.ts';
import type { Change } from '../model/execution.ts';
import { decodeToken } from '../model/opaque-ids.ts';
import type { OperationUpdate } from '../model/wire.ts';
import { applyUpdate, type MintCallbackId } from './apply-update.ts';
import { closeExecution } from './close.ts';
import { Draft, type ReadState } from './draft.ts';
import { applyDueOperations } from './timers.ts';
import { validateBatch, validateUpdate } from './validate-updates.ts';

/** A checkpoint request, already of the right shape. */
export interface CheckpointRequest {
  readonly token: string;
  readonly updates: readonly OperationUpdate[];
}

/** What a checkpoint does, and the operations that its answer reports. */
export interface CheckpointDecision {
  readonly change: Change;
  readonly reported: readonly string[];
}

/**
 * Whether the token is the one that the execution handed out last, to the invocation that runs now.
 *
 * @throws LambdaApiError InvalidParameterValueException "Invalid checkpoint token" otherwise.
 */
export function requireCurrentToken(state: ReadState, token: string): void {
  const content = decodeToken(token);
  const isCurrent =
    state.outcome === undefined &&
    content !== undefined &&
    content.invocationId === state.invocation?.id &&
    content.sequence === state.token;
  if (!isCurrent) throw invalidToken();
}

/**
 * Decide a checkpoint: all of its updates or none.
 *
 * The answer also reports what changed from outside since the invocation was last told (timers that came due, callbacks
 * that were completed), which is how a running handler learns of them.
 *
 * @throws LambdaApiError InvalidParameterValueException when the token is stale or an update is not allowed.
 */
export function decideCheckpoint(
  state: ReadState,
  request: CheckpointRequest,
  context: { readonly nowMs: number; readonly mintCallbackId: MintCallbackId },
): CheckpointDecision {
  requireCurrentToken(state, request.token);
  validateBatch(request.updates);
  const draft = new Draft(state, context.nowMs);
  applyDueOperations(state, draft);
  let closing: OperationUpdate | undefined;
  for (const update of request.updates) {
    validateUpdate(draft, update);
    if (update.Type === 'EXECUTION') closing = update;
    else applyUpdate(draft, update, context.mintCallbackId);
  }
  const change = closing === undefined ? progress(state, draft) : closeFrom(state, draft, closing);
  return { change, reported: [...new Set([...state.unseen, ...draft.touched])] };
}

function progress(state: ReadState, draft: Draft): Change {
  // A checkpoint is progress: the count of failed invocations starts again.
  const retry = state.retry === undefined ? undefined : null;
  return { ...draft.toChange(), token: state.token + 1, seen: true, retry };
}

/** The service applies an EXECUTION update to the execution itself, whatever id the SDK invents for it. */
function closeFrom(state: ReadState, draft: Draft, update: OperationUpdate): Change {
  return closeExecution(state, draft, {
    status: update.Action === 'SUCCEED' ? 'SUCCEEDED' : 'FAILED',
    result: update.Payload,
    error: update.Error,
  });
}
