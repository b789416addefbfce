import { createHash } from 'node:crypto';

import type { OperationRecord } from '../model/execution.ts';

/** Whether an operation waits for another function. */
export function isRunningChain(operation: OperationRecord): boolean {
  return operation.type === 'CHAINED_INVOKE' && operation.status === 'STARTED';
}

/**
 * Name of the execution that a CHAINED_INVOKE starts. The same operation always gives the same name, so that starting
 * it again after a crash finds the one that runs.
 */
export function chainedName(executionId: string, operationId: string): string {
  const digest = createHash('sha256').update(`${executionId}/${operationId}`).digest('hex').slice(0, 40);
  return `chained-${digest}`;
}
