import type { OperationRecord } from '../model/execution.ts';
import { byteLength, LIMITS } from '../model/limits.ts';
import type { ReadState } from './draft.ts';

/**
 * The operations that a replay needs, in the order in which they were started: all but the descendants of a context
 * that has ended and does not replay its children.
 */
export function visibleOperations(state: ReadState): readonly OperationRecord[] {
  const hidden = new Set<string>();
  const visible: OperationRecord[] = [];
  for (const operation of state.operations.values()) {
    if (isHidden(state, hidden, operation)) hidden.add(operation.id);
    else visible.push(operation);
  }
  return visible;
}

function isHidden(state: ReadState, hidden: ReadonlySet<string>, operation: OperationRecord): boolean {
  const parent = operation.parentId === undefined ? undefined : state.operations.get(operation.parentId);
  if (parent === undefined) return false;
  if (hidden.has(parent.id)) return true;
  return (parent.status === 'SUCCEEDED' || parent.status === 'FAILED') && parent.replayChildren !== true;
}

/** A page of operations; `next` is the offset of the page after it. */
export interface OperationPage {
  readonly operations: readonly OperationRecord[];
  readonly next: number | undefined;
}

/** Cut a page out of the visible operations: at most `maxItems`, and about {@link LIMITS.pageBytes}. */
export function pageOfOperations(
  operations: readonly OperationRecord[],
  offset: number,
  maxItems: number,
): OperationPage {
  let bytes = 0;
  let end = offset;
  while (end < operations.length && end - offset < maxItems) {
    bytes += sizeOf(operations[end]);
    if (bytes > LIMITS.pageBytes && end > offset) break;
    end += 1;
  }
  return { operations: operations.slice(offset, end), next: end < operations.length ? end : undefined };
}

function sizeOf(operation: OperationRecord | undefined): number {
  return 300 + byteLength(operation?.result) + (operation?.error ? byteLength(JSON.stringify(operation.error)) : 0);
}
