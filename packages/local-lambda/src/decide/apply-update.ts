import type { OperationRecord } from '../model/execution.ts';
import type { OperationUpdate } from '../model/wire.ts';
import type { Draft } from './draft.ts';

/** Makes the id under which the outside world completes a callback. */
export type MintCallbackId = (operationId: string) => string;

const SECOND_MS = 1000;

/**
 * Apply one validated update of an operation (not of the execution) to the draft: its new record and history line.
 */
export function applyUpdate(draft: Draft, update: OperationUpdate, mintCallbackId: MintCallbackId): void {
  const current = draft.find(update.Id) ?? freshRecord(draft, update);
  switch (update.Action) {
    case 'START':
      return applyStart(draft, current, update, mintCallbackId);
    case 'SUCCEED':
      return applyEnd(draft, current, update, 'SUCCEEDED');
    case 'FAIL':
      return applyEnd(draft, current, update, 'FAILED');
    case 'RETRY':
      return applyRetry(draft, current, update);
    case 'CANCEL':
      draft.put({ ...current, status: 'CANCELLED', endMs: draft.nowMs, dueMs: undefined });
      if (current.type === 'WAIT') draft.event({ type: 'WaitCancelled', operationId: current.id });
      return;
    default:
      update.Action satisfies never;
  }
}

function freshRecord(draft: Draft, update: OperationUpdate): OperationRecord {
  return {
    id: update.Id,
    parentId: update.ParentId,
    name: update.Name,
    type: update.Type,
    subType: update.SubType,
    status: 'STARTED',
    startMs: draft.nowMs,
  };
}

function applyStart(draft: Draft, current: OperationRecord, update: OperationUpdate, mint: MintCallbackId): void {
  draft.put({ ...current, status: 'STARTED', dueMs: undefined, ...startDetails(draft.nowMs, update, mint) });
  draft.event({ type: `${eventName(update.Type)}Started`, operationId: update.Id });
}

function startDetails(nowMs: number, update: OperationUpdate, mint: MintCallbackId): Partial<OperationRecord> {
  switch (update.Type) {
    case 'WAIT': {
      const waitSeconds = update.WaitOptions?.WaitSeconds ?? 0;
      return { waitSeconds, dueMs: nowMs + waitSeconds * SECOND_MS };
    }
    case 'CALLBACK':
      return callbackDetails(nowMs, update, mint);
    case 'CHAINED_INVOKE':
      return { chained: { target: update.ChainedInvokeOptions?.FunctionName ?? '', input: update.Payload } };
    case 'CONTEXT':
      return { replayChildren: update.ContextOptions?.ReplayChildren };
    case 'STEP':
    case 'EXECUTION':
      return {};
    default:
      update.Type satisfies never;
      return {};
  }
}

/** A timeout of zero means none, as in the API. */
function callbackDetails(nowMs: number, update: OperationUpdate, mint: MintCallbackId): Partial<OperationRecord> {
  const timeoutSeconds = update.CallbackOptions?.TimeoutSeconds || undefined;
  const heartbeatSeconds = update.CallbackOptions?.HeartbeatTimeoutSeconds || undefined;
  return {
    dueMs: timeoutSeconds === undefined ? undefined : nowMs + timeoutSeconds * SECOND_MS,
    callback: {
      callbackId: mint(update.Id),
      timeoutSeconds,
      heartbeatSeconds,
      heartbeatDueMs: heartbeatSeconds === undefined ? undefined : nowMs + heartbeatSeconds * SECOND_MS,
    },
  };
}

function applyEnd(
  draft: Draft,
  current: OperationRecord,
  update: OperationUpdate,
  status: 'SUCCEEDED' | 'FAILED',
): void {
  const isStep = current.type === 'STEP';
  const attempt = isStep ? (current.attempt ?? 0) + 1 : undefined;
  draft.put({
    ...current,
    status,
    endMs: draft.nowMs,
    dueMs: undefined,
    result: update.Payload,
    error: update.Error,
    attempt,
    replayChildren: update.ContextOptions?.ReplayChildren ?? current.replayChildren,
  });
  const type = `${eventName(current.type)}${status === 'SUCCEEDED' ? 'Succeeded' : 'Failed'}`;
  draft.event({ type, operationId: current.id, retry: attempt === undefined ? undefined : { attempt } });
}

/** A retry keeps its payload as the step's result: waitForCondition carries its state from attempt to attempt in it. */
function applyRetry(draft: Draft, current: OperationRecord, update: OperationUpdate): void {
  const delaySeconds = update.StepOptions?.NextAttemptDelaySeconds ?? 0;
  const attempt = (current.attempt ?? 0) + 1;
  draft.put({
    ...current,
    status: 'PENDING',
    attempt,
    result: update.Payload,
    error: update.Error,
    dueMs: draft.nowMs + delaySeconds * SECOND_MS,
  });
  const type = update.Error === undefined ? 'StepSucceeded' : 'StepFailed';
  draft.event({ type, operationId: current.id, retry: { attempt, delaySeconds } });
}

function eventName(type: OperationUpdate['Type']): string {
  const names = {
    STEP: 'Step',
    CONTEXT: 'Context',
    WAIT: 'Wait',
    CALLBACK: 'Callback',
    CHAINED_INVOKE: 'ChainedInvoke',
    EXECUTION: 'Execution',
  } as const;
  return names[type];
}
