import type { AgentUsage, Checkout, Task } from '@abca/core';
import type { SessionReporter } from '../events/session-reporter.ts';
import type { LeaseKeeper } from '../lease/lease-keeper.ts';
import type { Session, SessionDeps } from './session.ts';
import type { StopSwitch } from './stop-switch.ts';

/** What the parts of one session share. */
export interface SessionRun {
  readonly deps: SessionDeps;
  readonly session: Session;
  readonly task: Task;
  readonly stop: StopSwitch;
  readonly lease: LeaseKeeper;
  readonly reporter: SessionReporter;
  /** Kept back before the deadline to save work and report, in milliseconds. */
  readonly cleanupMarginMs: number;
  /** Grows while the session works, and is what the end is reported from, whatever interrupts it. */
  readonly facts: RunFacts;
}

/** What has been reached so far. */
export interface RunFacts {
  checkout?: Checkout;
  /** The commit that the task's work began at, in this session or in one before. */
  startSha?: string;
  usage: AgentUsage;
  summary?: string;
  wipSha?: string;
}

/** The facts of a session that has done nothing yet. */
export function noFacts(model: string): RunFacts {
  return { usage: { turns: 0, costUsd: 0, inputTokens: 0, outputTokens: 0, model } };
}
