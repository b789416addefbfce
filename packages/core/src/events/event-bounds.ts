import { AbcaError } from '../errors/abca-error.ts';

/** Most events of one append. A DynamoDB transaction holds 100 items, some of them not events. */
export const mostAppended = 50;

/** Most events of one read. */
const mostRead = 1_000;

/** @throws AbcaError VALIDATION_ERROR for more events than one append takes */
export function assertAppendSize(events: readonly unknown[]): void {
  if (events.length <= mostAppended) return;
  throw new AbcaError(
    'VALIDATION_ERROR',
    `${String(events.length)} events in one append; append at most ${String(mostAppended)} at a time`,
  );
}

/** @throws AbcaError VALIDATION_ERROR for a limit that is not 1 to 1,000 */
export function assertReadLimit(limit: number): void {
  if (Number.isInteger(limit) && limit >= 1 && limit <= mostRead) return;
  throw new AbcaError('VALIDATION_ERROR', `limit is ${String(limit)}; it must be 1 to ${String(mostRead)}`);
}
