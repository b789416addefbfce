import type { OperationUpdate } from '../model/wire.ts';

/** Which execution a hook is about. */
export interface ObservedExecution {
  readonly functionName: string;
  readonly executionName: string;
}

/** A checkpoint that is about to be stored, or was. */
export interface ObservedCheckpoint extends ObservedExecution {
  readonly updates: readonly OperationUpdate[];
}

/** An invocation that is about to start, or has returned. */
export interface ObservedInvocation extends ObservedExecution {
  /** From 1; counts the invocations of this execution. */
  readonly number: number;
}

/** A change of any kind that is about to be stored, or was. */
export interface ObservedCommit extends ObservedExecution {
  /** Position in the execution's journal. */
  readonly version: number;
  readonly cause: CommitCause;
}

/** Why an execution changed. */
export type CommitCause =
  | 'start'
  | 'checkpoint'
  | 'invocation-start'
  | 'invocation-end'
  | 'timer'
  | 'callback'
  | 'chained-end'
  | 'stop'
  | 'recovery';

/**
 * Hooks at the durable boundaries, for crash tests: a process that is killed inside one dies exactly there.
 * A hook may return a promise, which is awaited; it must not throw.
 */
export interface LocalLambdaObserver {
  /** A checkpoint has arrived; nothing of it is stored yet, and it may still be refused. */
  beforeCheckpoint?(event: ObservedCheckpoint): void | Promise<void>;
  /** A checkpoint is stored and the handler does not know yet. */
  afterCheckpoint?(event: ObservedCheckpoint): void | Promise<void>;
  /** An invocation is stored as running and the handler was not called yet. */
  beforeInvocation?(event: ObservedInvocation): void | Promise<void>;
  /** The handler has returned and what it returned is not stored yet. */
  afterInvocation?(event: ObservedInvocation): void | Promise<void>;
  /** Any change, checkpoints included, before it is stored. */
  beforeCommit?(event: ObservedCommit): void | Promise<void>;
  /** Any change, checkpoints included, after it is stored. */
  afterCommit?(event: ObservedCommit): void | Promise<void>;
}
