import { tokens } from '@abca/core';

/** Ports whose calls are places to die at. */
export const crashPorts = {
  tasks: tokens.taskRepository,
  slots: tokens.slotRepository,
  contexts: tokens.contextStore,
  forge: tokens.forge,
  compute: tokens.computeStrategy,
  signals: tokens.sessionSignals,
} as const;

/** A place in the life of a platform. Counted, so that it is the same place in every run. */
export interface CrashPoint {
  /** `commit`: a change of the task's durable execution. Otherwise the port that is called, in the middle of a step. */
  readonly where: 'commit' | keyof typeof crashPorts;
  /** Cause of the commit, or method of the port. */
  readonly what: string;
  /** From 1. */
  readonly nth: number;
  readonly phase: 'before' | 'after';
}

/** One line for people, and the identity of a place. */
export function describePoint({ where, what, nth, phase }: CrashPoint): string {
  return `${phase} ${where} ${what} #${String(nth)}`;
}

/** Calls that change nothing: dying there is like dying after the change before. */
const readers: readonly string[] = ['find', 'list', 'listByStatus', 'inspect', 'pollSession', 'fetchContext'];

/** Whether a call of `method` is a place worth dying at. */
export function isWrite(method: string): boolean {
  return !readers.includes(method);
}
