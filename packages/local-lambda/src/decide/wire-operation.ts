import type { ExecutionStart, OperationRecord } from '../model/execution.ts';

/** How a transport writes a moment: epoch seconds in REST answers, ISO text in the event of an invocation. */
export type WriteTime = (ms: number) => number | string;

/** REST answers write moments as seconds since the epoch. */
export const epochSeconds: WriteTime = (ms) => ms / 1000;

/** The event of an invocation is plain JSON: moments are ISO 8601 text. */
export const isoTime: WriteTime = (ms) => new Date(ms).toISOString();

/** Write an operation as the API shows it. Absent fields are `undefined`, which JSON leaves out. */
export function toWireOperation(
  operation: OperationRecord,
  start: ExecutionStart,
  write: WriteTime,
): Record<string, unknown> {
  return {
    Id: operation.id,
    ParentId: operation.parentId,
    Name: operation.name,
    Type: operation.type,
    SubType: operation.subType,
    Status: operation.status,
    StartTimestamp: write(operation.startMs),
    EndTimestamp: operation.endMs === undefined ? undefined : write(operation.endMs),
    ...wireDetails(operation, start, write),
  };
}

function wireDetails(operation: OperationRecord, start: ExecutionStart, write: WriteTime): Record<string, unknown> {
  const { result: Result, error: Error } = operation;
  const due = operation.dueMs === undefined ? undefined : write(operation.dueMs);
  switch (operation.type) {
    case 'EXECUTION':
      return { ExecutionDetails: { InputPayload: start.input } };
    case 'CONTEXT':
      return { ContextDetails: { ReplayChildren: operation.replayChildren, Result, Error } };
    case 'STEP':
      return { StepDetails: { Attempt: operation.attempt ?? 0, NextAttemptTimestamp: due, Result, Error } };
    case 'WAIT':
      return { WaitDetails: { ScheduledEndTimestamp: write(waitEndMs(operation)) } };
    case 'CALLBACK':
      return { CallbackDetails: { CallbackId: operation.callback?.callbackId, Result, Error } };
    case 'CHAINED_INVOKE':
      return { ChainedInvokeDetails: { Result, Error } };
    default:
      return operation.type satisfies never;
  }
}

/** When a wait was, or is, to end. */
export function waitEndMs(operation: OperationRecord): number {
  return operation.startMs + (operation.waitSeconds ?? 0) * 1000;
}
