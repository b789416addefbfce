import type { Change, ExecutionState } from './execution.ts';

/**
 * Build the state of an execution from its first change.
 *
 * @throws Error when the change does not start an execution: the journal is damaged.
 */
export function begin(change: Change): ExecutionState {
  const { start } = change;
  if (start === undefined) throw new Error('journal is damaged: the first record does not start an execution');
  const startMs = change.operations?.[0]?.startMs ?? 0;
  const state: ExecutionState = {
    start,
    startMs,
    operations: new Map(),
    history: [],
    unseen: new Set(),
    changedDuringInvocation: new Set(),
    version: 0,
    token: 0,
    invocations: 0,
    wake: false,
    invocation: undefined,
    retry: undefined,
    outcome: undefined,
  };
  return fold(state, change);
}

/** Apply one committed change, in place: states hold thousands of operations and are owned by one actor. */
export function fold(state: ExecutionState, change: Change): ExecutionState {
  state.version += 1;
  for (const operation of change.operations ?? []) state.operations.set(operation.id, operation);
  for (const event of change.events ?? []) {
    const operation = event.operationId === undefined ? undefined : state.operations.get(event.operationId);
    state.history.push({ event, operation });
  }
  foldProgress(state, change);
  if (change.outcome !== undefined) state.outcome = change.outcome;
  return state;
}

function foldProgress(state: ExecutionState, change: Change): void {
  if (change.seen === true) state.unseen.clear();
  for (const id of change.unseen ?? []) {
    state.unseen.add(id);
    state.changedDuringInvocation.add(id);
  }
  if (change.token !== undefined) state.token = change.token;
  if (change.wake !== undefined) state.wake = change.wake;
  if (change.retry !== undefined) state.retry = change.retry ?? undefined;
  if (change.invocation !== undefined) foldInvocation(state, change);
}

function foldInvocation(state: ExecutionState, change: Change): void {
  state.invocation = change.invocation ?? undefined;
  if (state.invocation === undefined) return;
  state.invocations += 1;
  state.changedDuringInvocation.clear();
}
