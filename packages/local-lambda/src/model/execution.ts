import type { ClosedStatus, ErrorObject, ExecutionStatus, OperationStatus, OperationType } from './wire.ts';

/** What an execution was started with. Never changes. */
export interface ExecutionStart {
  readonly functionName: string;
  /** `$LATEST`, a version number, or the alias it was invoked through. */
  readonly qualifier: string;
  /** Unique per function; chosen by the caller or generated. */
  readonly name: string;
  /** Makes the ARN unique; also the id of the EXECUTION operation. */
  readonly id: string;
  /** JSON text handed to the handler. */
  readonly input: string;
  readonly executionTimeoutSeconds: number;
  /** Longest time one invocation may take before it is given up and started again. */
  readonly invocationTimeoutMs: number;
  /** The operation of another execution that waits for this one. */
  readonly parent?: ChainParent | undefined;
}

/** Points from a chained execution back to the CHAINED_INVOKE operation that waits for it. */
export interface ChainParent {
  readonly functionName: string;
  readonly name: string;
  readonly operationId: string;
}

/** One durable operation as it is stored. Immutable: a transition makes a new record. */
export interface OperationRecord {
  readonly id: string;
  readonly parentId?: string | undefined;
  readonly name?: string | undefined;
  readonly type: OperationType;
  readonly subType?: string | undefined;
  readonly status: OperationStatus;
  readonly startMs: number;
  readonly endMs?: number | undefined;
  readonly result?: string | undefined;
  readonly error?: ErrorObject | undefined;
  readonly replayChildren?: boolean | undefined;
  /** Finished attempts of a STEP. */
  readonly attempt?: number | undefined;
  /** End of a WAIT, next attempt of a STEP, or deadline of a CALLBACK. */
  readonly dueMs?: number | undefined;
  readonly waitSeconds?: number | undefined;
  readonly callback?: CallbackRecord | undefined;
  readonly chained?: { readonly target: string; readonly input: string | undefined } | undefined;
}

/** The part of a CALLBACK that outlives its start. */
export interface CallbackRecord {
  readonly callbackId: string;
  readonly timeoutSeconds?: number | undefined;
  readonly heartbeatSeconds?: number | undefined;
  readonly heartbeatDueMs?: number | undefined;
}

/** One line of the execution's history; the payloads are those of the operation as it then was. */
export interface EventRecord {
  readonly type: string;
  readonly atMs: number;
  readonly operationId?: string | undefined;
  readonly retry?: { readonly attempt: number; readonly delaySeconds?: number | undefined } | undefined;
  readonly invocation?: InvocationRecord | undefined;
}

/** A finished invocation, for history. */
export interface InvocationRecord {
  readonly id: string;
  readonly startMs: number;
  readonly endMs: number;
  readonly error?: ErrorObject | undefined;
}

/** How an execution ended. */
export interface Outcome {
  readonly status: ClosedStatus;
  readonly result?: string | undefined;
  readonly error?: ErrorObject | undefined;
  readonly endMs: number;
}

/** The invocation that is running now. */
export interface InFlight {
  readonly id: string;
  readonly startMs: number;
}

/**
 * One atomic transition of an execution: the unit that is written to the journal and folded into memory.
 *
 * Law: folding the changes of an execution in order gives the same state in the process that made them and in one
 * that reads them after a crash.
 */
export interface Change {
  readonly start?: ExecutionStart | undefined;
  readonly operations?: readonly OperationRecord[] | undefined;
  readonly events?: readonly EventRecord[] | undefined;
  /** The checkpoint token after this change, when it rotates. */
  readonly token?: number | undefined;
  /** `null`: no invocation runs any more. */
  readonly invocation?: InFlight | null | undefined;
  /** Operations changed by something other than the running invocation, which has not been told yet. */
  readonly unseen?: readonly string[] | undefined;
  /** The running invocation has been told of everything up to here. */
  readonly seen?: boolean | undefined;
  /** An invocation is owed. */
  readonly wake?: boolean | undefined;
  /** Consecutive failed invocations, and when the next may start. */
  readonly retry?: { readonly failures: number; readonly atMs: number } | null | undefined;
  readonly outcome?: Outcome | undefined;
}

/** A history line together with the operation as it was. */
export interface HistoryEntry {
  readonly event: EventRecord;
  readonly operation: OperationRecord | undefined;
}

/** Everything known of one execution: the fold of its changes. Owned by one actor; changed only by `fold`. */
export interface ExecutionState {
  readonly start: ExecutionStart;
  readonly startMs: number;
  readonly operations: Map<string, OperationRecord>;
  readonly history: HistoryEntry[];
  readonly unseen: Set<string>;
  /** Operations changed from outside since the running invocation began, told or not. */
  readonly changedDuringInvocation: Set<string>;
  /** Number of changes folded so far: the journal position of the next one. */
  version: number;
  token: number;
  invocations: number;
  wake: boolean;
  invocation: InFlight | undefined;
  retry: { readonly failures: number; readonly atMs: number } | undefined;
  outcome: Outcome | undefined;
}

/** The status that the API reports for an execution. */
export function statusOf(state: Pick<ExecutionState, 'outcome'>): ExecutionStatus {
  return state.outcome?.status ?? 'RUNNING';
}
