import type { Change, ExecutionStart } from '../model/execution.ts';

/** The first change of an execution: it exists, and an invocation is owed. */
export function decideStart(start: ExecutionStart, nowMs: number): Change {
  return {
    start,
    operations: [{ id: start.id, type: 'EXECUTION', status: 'STARTED', startMs: nowMs }],
    events: [{ type: 'ExecutionStarted', atMs: nowMs, operationId: start.id }],
    wake: true,
  };
}
