import { AbcaError } from '../errors/abca-error.ts';
import type { Severity } from '../policy/rule.ts';
import type { Approval } from './approval.ts';

/**
 * Whether a request may be decided by a button in a message. What is of high severity is decided where the whole call is read
 * first, and by nobody who holds a phone in a queue.
 */
export function mayDecideByButton(severity: Severity): boolean {
  return severity !== 'high';
}

/** @throws AbcaError FORBIDDEN with the command that decides it */
export function assertByButton({ taskId, requestId, severity }: Approval): void {
  if (mayDecideByButton(severity)) return;
  throw new AbcaError(
    'FORBIDDEN',
    `request ${requestId} is of ${severity} severity and not decided by a button; decide it with: bgagent approve ${taskId} ${requestId}`,
  );
}
