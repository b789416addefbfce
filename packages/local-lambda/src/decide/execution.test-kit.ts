import type { Change, ExecutionStart, ExecutionState } from '../model/execution.ts';
import { begin, fold } from '../model/fold.ts';
import { encodeToken } from '../model/opaque-ids.ts';
import type { OperationUpdate } from '../model/wire.ts';
import { decideCheckpoint, type CheckpointDecision } from './checkpoint.ts';
import { decideInvocationStart } from './invocation.ts';
import { decideStart } from './start-execution.ts';

/** What an execution starts with, unless a test says otherwise. */
export function aStart(fields: Partial<ExecutionStart> = {}): ExecutionStart {
  return {
    functionName: 'orders',
    qualifier: 'live',
    name: 'order-1',
    id: 'exec-1',
    input: '{"order":1}',
    executionTimeoutSeconds: 3600,
    invocationTimeoutMs: 60_000,
    ...fields,
  };
}

/** An execution that keeps its journal, so that a test can fold it again. */
export class TestExecution {
  readonly journal: Change[] = [];
  readonly state: ExecutionState;
  #callbacks = 0;

  constructor(nowMs: number, start: ExecutionStart = aStart()) {
    const first = decideStart(start, nowMs);
    this.journal.push(first);
    this.state = begin(first);
  }

  /** Commit a change, if there is one. */
  commit(change: Change | undefined): boolean {
    if (change === undefined) return false;
    this.journal.push(change);
    fold(this.state, change);
    return true;
  }

  invoke(nowMs: number): boolean {
    return this.commit(decideInvocationStart(this.state, `inv-${String(this.state.invocations + 1)}`, nowMs));
  }

  /** The token of the running invocation. */
  token(): string {
    return encodeToken({ invocationId: this.state.invocation?.id ?? 'none', sequence: this.state.token });
  }

  checkpoint(nowMs: number, updates: readonly OperationUpdate[]): CheckpointDecision {
    const mintCallbackId = (): string => `callback-${String((this.#callbacks += 1))}`;
    const decision = decideCheckpoint(this.state, { token: this.token(), updates }, { nowMs, mintCallbackId });
    this.commit(decision.change);
    return decision;
  }
}

/** An execution whose first invocation runs. */
export function aRunningExecution(nowMs = 0, start?: ExecutionStart): TestExecution {
  const execution = new TestExecution(nowMs, start);
  execution.invoke(nowMs);
  return execution;
}

/** An update that starts a step, unless a test says otherwise. */
export function anUpdate(fields: Partial<OperationUpdate> = {}): OperationUpdate {
  return { Id: 'op-1', Type: 'STEP', Action: 'START', ...fields };
}
