import type { EventRecord, HistoryEntry, OperationRecord } from '../model/execution.ts';
import type { ErrorObject } from '../model/wire.ts';
import type { ReadState } from './draft.ts';
import { epochSeconds, waitEndMs } from './wire-operation.ts';

type Details = Readonly<Record<string, unknown>>;

/** One history line as the API shows it; `number` counts from 1. Without data, payloads are left out. */
export function toWireEvent(state: ReadState, entry: HistoryEntry, number: number, withData: boolean): Details {
  const { event, operation } = entry;
  return {
    EventType: event.type,
    EventId: number,
    EventTimestamp: epochSeconds(event.atMs),
    Id: operation?.id,
    Name: operation?.type === 'EXECUTION' ? state.start.name : operation?.name,
    ParentId: operation?.parentId,
    SubType: operation?.subType,
    [`${event.type}Details`]: detailsOf(state, event, operation, withData),
  };
}

function detailsOf(
  state: ReadState,
  event: EventRecord,
  operation: OperationRecord | undefined,
  withData: boolean,
): Details {
  if (event.invocation !== undefined) return invocationDetails(event.invocation, withData);
  if (operation === undefined) return {};
  if (operation.type === 'EXECUTION') return executionDetails(state, event, withData);
  if (event.type.endsWith('Started')) return startDetails(operation, withData);
  if (operation.type === 'WAIT') return { Duration: operation.waitSeconds };
  const outcome = isSuccess(event) ? resultOf(operation.result, withData) : errorOf(operation.error, withData);
  return event.retry === undefined ? outcome : { ...outcome, RetryDetails: retryDetails(event.retry) };
}

function isSuccess(event: EventRecord): boolean {
  return event.type.endsWith('Succeeded');
}

function retryDetails(retry: NonNullable<EventRecord['retry']>): Details {
  return { CurrentAttempt: retry.attempt, NextAttemptDelaySeconds: retry.delaySeconds };
}

function executionDetails(state: ReadState, event: EventRecord, withData: boolean): Details {
  if (event.type === 'ExecutionStarted') {
    const { input, executionTimeoutSeconds } = state.start;
    return { Input: payloadOf(input, withData), ExecutionTimeout: executionTimeoutSeconds };
  }
  const { result, error } = state.outcome ?? {};
  return isSuccess(event) ? resultOf(result, withData) : errorOf(error, withData);
}

function startDetails(operation: OperationRecord, withData: boolean): Details {
  switch (operation.type) {
    case 'WAIT':
      return { Duration: operation.waitSeconds, ScheduledEndTimestamp: epochSeconds(waitEndMs(operation)) };
    case 'CALLBACK':
      return {
        CallbackId: operation.callback?.callbackId,
        Timeout: operation.callback?.timeoutSeconds,
        HeartbeatTimeout: operation.callback?.heartbeatSeconds,
      };
    case 'CHAINED_INVOKE':
      return { FunctionName: operation.chained?.target, Input: payloadOf(operation.chained?.input, withData) };
    case 'STEP':
    case 'CONTEXT':
    case 'EXECUTION':
      return {};
    default:
      return operation.type satisfies never;
  }
}

function invocationDetails(invocation: NonNullable<EventRecord['invocation']>, withData: boolean): Details {
  return {
    StartTimestamp: epochSeconds(invocation.startMs),
    EndTimestamp: epochSeconds(invocation.endMs),
    RequestId: invocation.id,
    ...(invocation.error && errorOf(invocation.error, withData)),
  };
}

function resultOf(result: string | undefined, withData: boolean): Details {
  return { Result: payloadOf(result, withData) };
}

function errorOf(error: ErrorObject | undefined, withData: boolean): Details {
  return { Error: payloadOf(error, withData) };
}

function payloadOf(payload: unknown, withData: boolean): Details {
  return withData ? { Payload: payload, Truncated: false } : { Truncated: false };
}
