import { invalidParameter } from '../errors.ts';
import { byteLength, LIMITS } from '../model/limits.ts';
import type { OperationAction, OperationType, OperationUpdate } from '../model/wire.ts';
import type { Draft } from './draft.ts';

const ACTIONS: Record<OperationType, readonly OperationAction[]> = {
  STEP: ['START', 'FAIL', 'RETRY', 'SUCCEED'],
  CONTEXT: ['START', 'FAIL', 'SUCCEED'],
  WAIT: ['START', 'CANCEL'],
  CALLBACK: ['START', 'CANCEL'],
  CHAINED_INVOKE: ['START', 'CANCEL'],
  EXECUTION: ['SUCCEED', 'FAIL'],
};

/**
 * Check what can be checked of a batch without its order: at most one end of the execution, and last; no operation
 * twice, except a STEP or CONTEXT that starts and ends in the same batch.
 *
 * @throws LambdaApiError InvalidParameterValueException naming the first rule that is broken.
 */
export function validateBatch(updates: readonly OperationUpdate[]): void {
  const ends = updates.filter((update) => update.Type === 'EXECUTION');
  if (ends.length > 1) throw invalidParameter('Cannot checkpoint multiple EXECUTION updates.');
  if (ends.length === 1 && updates.at(-1)?.Type !== 'EXECUTION') {
    throw invalidParameter('EXECUTION checkpoint must be the last update.');
  }
  const last = new Map<string, OperationUpdate>();
  for (const update of updates) {
    if (isRepeated(last.get(update.Id), update)) {
      throw invalidParameter('Cannot update the same operation twice in a single request.');
    }
    last.set(update.Id, update);
  }
}

function isRepeated(previous: OperationUpdate | undefined, update: OperationUpdate): boolean {
  if (previous === undefined) return false;
  const startsAndEnds = previous.Action === 'START' && update.Action !== 'START';
  return !(startsAndEnds && (previous.Type === 'STEP' || previous.Type === 'CONTEXT'));
}

/**
 * Check one update against the execution as the updates before it leave it.
 *
 * @throws LambdaApiError InvalidParameterValueException naming the first rule that is broken.
 */
export function validateUpdate(draft: Draft, update: OperationUpdate): void {
  if (!ACTIONS[update.Type].includes(update.Action)) {
    throw invalidParameter('Invalid action for the given operation type.');
  }
  validateSizes(update);
  validateParent(draft, update);
  validateExclusive(update);
  validateTransition(draft, update);
}

function validateSizes(update: OperationUpdate): void {
  if (update.Error !== undefined && byteLength(JSON.stringify(update)) > LIMITS.errorBytes) {
    throw invalidParameter(`Error object size must be less than ${String(LIMITS.errorBytes)} bytes.`);
  }
  const limit = update.Type === 'EXECUTION' ? LIMITS.synchronousPayloadBytes : LIMITS.operationPayloadBytes;
  if (byteLength(update.Payload) > limit) {
    const what = update.Action === 'START' ? 'input' : 'output';
    throw invalidParameter(`${update.Type} ${what} payload size must be less than or equal to ${String(limit)} bytes.`);
  }
}

function validateParent(draft: Draft, update: OperationUpdate): void {
  if (update.ParentId === undefined) return;
  if (draft.find(update.ParentId)?.type !== 'CONTEXT') throw invalidParameter('Invalid parent operation id.');
}

function validateExclusive(update: OperationUpdate): void {
  if (update.Action === 'FAIL' && update.Payload !== undefined) {
    throw invalidParameter('Cannot provide a Payload for FAIL action.');
  }
  if (update.Action === 'SUCCEED' && update.Error !== undefined) {
    throw invalidParameter('Cannot provide an Error for SUCCEED action.');
  }
  if (update.Action === 'RETRY' && update.Error !== undefined && update.Payload !== undefined) {
    throw invalidParameter('Cannot provide both error and payload to RETRY a STEP.');
  }
}

function validateTransition(draft: Draft, update: OperationUpdate): void {
  const operation = draft.find(update.Id);
  if (update.Type === 'EXECUTION') return;
  if (operation !== undefined && operation.type !== update.Type) {
    throw invalidParameter(`Invalid operation type: ${update.Id} is a ${operation.type}.`);
  }
  const status = operation?.status;
  switch (update.Type) {
    case 'STEP':
      return validateStep(update, status);
    case 'CONTEXT':
      if (update.Action === 'START') return validateAbsent(update, status);
      if (status !== undefined && status !== 'STARTED')
        throw invalidParameter('Invalid current CONTEXT state to close.');
      return;
    case 'WAIT':
    case 'CALLBACK':
    case 'CHAINED_INVOKE':
      if (update.Action === 'START') return validateStartable(update, status);
      if (status !== 'STARTED') {
        throw invalidParameter(`Cannot cancel a ${update.Type} that does not exist or has already completed.`);
      }
      return;
    default:
      update.Type satisfies never;
  }
}

function validateAbsent(update: OperationUpdate, status: string | undefined): void {
  if (status !== undefined) throw invalidParameter(`Cannot start a ${update.Type} that already exists.`);
}

function validateStartable(update: OperationUpdate, status: string | undefined): void {
  validateAbsent(update, status);
  if (update.Type === 'WAIT' && update.WaitOptions?.WaitSeconds === undefined) {
    throw invalidParameter('Invalid WaitOptions for the given action.');
  }
  if (update.Type === 'CHAINED_INVOKE' && update.ChainedInvokeOptions === undefined) {
    throw invalidParameter('Invalid ChainedInvokeOptions for the given action.');
  }
}

function validateStep(update: OperationUpdate, status: string | undefined): void {
  if (update.Action === 'START') {
    if (status !== undefined && status !== 'READY') throw invalidParameter('Invalid current STEP state to start.');
    return;
  }
  const open = status === undefined || status === 'STARTED' || status === 'READY';
  if (update.Action !== 'RETRY') {
    if (!open) throw invalidParameter('Invalid current STEP state to close.');
    return;
  }
  if (!open) throw invalidParameter('Invalid current STEP state to re-attempt.');
  if (update.StepOptions?.NextAttemptDelaySeconds === undefined) {
    throw invalidParameter('Invalid StepOptions for the given action.');
  }
}
