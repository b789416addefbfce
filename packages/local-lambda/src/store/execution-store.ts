import type { Change } from '../model/execution.ts';
import type { ExecutionStatus } from '../model/wire.ts';

/** Names an execution: names are unique per function. */
export interface ExecutionKey {
  readonly functionName: string;
  readonly name: string;
}

/** The line of an execution in its function's list. */
export interface ExecutionSummary extends ExecutionKey {
  readonly id: string;
  readonly qualifier: string;
  readonly status: ExecutionStatus;
  readonly startMs: number;
  readonly endMs?: number | undefined;
}

/** Which lines of a function's list to read. */
export interface SummaryQuery {
  readonly functionName: string;
  /** Only executions started in this closed range of epoch milliseconds. */
  readonly fromMs: number;
  readonly toMs: number;
  readonly newestFirst: boolean;
  /** Continue after this position. */
  readonly after?: string | undefined;
  readonly limit: number;
}

/** A page of a function's list; `position` is where the next one continues. */
export interface SummaryPage {
  readonly items: readonly { readonly summary: ExecutionSummary; readonly position: string }[];
  readonly isLast: boolean;
}

/**
 * Durable home of executions: an append-only journal of changes each, and two small indexes.
 *
 * Law: a change is there completely or not at all, whatever is killed when. Two writers cannot both append the same
 * position of a journal.
 */
export interface ExecutionStore {
  /** Write the first change of an execution, unless one of this name exists. */
  create(summary: ExecutionSummary, change: Change): Promise<'created' | 'exists'>;

  /**
   * Append change number `version`. With `closed`, also take the execution off the running index.
   *
   * @throws AbcaError STORE_ERROR when another writer has appended this position.
   */
  append(key: ExecutionKey, version: number, change: Change, closed?: ExecutionSummary): Promise<void>;

  /** All changes of an execution in order; `undefined` when there is no such execution. */
  find(key: ExecutionKey): Promise<readonly Change[] | undefined>;

  /** Every execution that has not ended. */
  listRunning(): Promise<readonly ExecutionKey[]>;

  /** A page of a function's executions by start time. */
  list(query: SummaryQuery): Promise<SummaryPage>;
}
