import type { Change } from '../model/execution.ts';
import type { ClosedStatus, ErrorObject } from '../model/wire.ts';
import type { Draft, ReadState } from './draft.ts';

const EVENT: Record<ClosedStatus, string> = {
  SUCCEEDED: 'ExecutionSucceeded',
  FAILED: 'ExecutionFailed',
  TIMED_OUT: 'ExecutionTimedOut',
  STOPPED: 'ExecutionStopped',
};

/** How an execution is to end. */
export interface Closing {
  readonly status: ClosedStatus;
  readonly result?: string | undefined;
  readonly error?: ErrorObject | undefined;
}

/** End the execution in the draft: its operation, its last history line, and its outcome. */
export function closeExecution(state: ReadState, draft: Draft, closing: Closing): Change {
  const operation = draft.find(state.start.id);
  if (operation !== undefined) draft.put({ ...operation, status: closing.status, endMs: draft.nowMs });
  draft.event({ type: EVENT[closing.status], operationId: state.start.id });
  return {
    ...draft.toChange(),
    outcome: { ...closing, endMs: draft.nowMs },
    invocation: null,
    wake: false,
    retry: null,
  };
}
