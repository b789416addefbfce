import {
  formatScope,
  milestoneEvent,
  parsePreApproval,
  readLog,
  retryTransient,
  restoreMemory,
  ToolGate,
  type ApprovalScope,
  type Checkout,
  type PolicyEngine,
  type TaskEvent,
  type TaskSettings,
} from '@abca/core';
import { startRetries } from '../session/bounds.ts';
import type { SessionRun } from '../session/session-run.ts';

/** What the gate of a session is made of, besides its run. */
export interface GateParts {
  readonly engine: PolicyEngine;
  readonly settings: TaskSettings;
  readonly checkout: Checkout;
}

/**
 * The gate of this session. It goes on where an earlier session of the task left off: counts, permissions and denials are
 * read from the log, and a request that was left open is closed.
 *
 * @throws AbcaError VALIDATION_ERROR for a scope on the row that is none; SERVICE_UNAVAILABLE, STORE_ERROR
 */
export async function openGate(run: SessionRun, { engine, settings, checkout }: GateParts): Promise<ToolGate> {
  const { deps, task, session, reporter, stop, cleanupMarginMs } = run;
  const events = await readOwnLog(run);
  const memory = restoreMemory(scopesOf(task.initialApprovals), events);
  await reporter.publish(milestoneEvent('pre_approvals_loaded', loadedFields(memory.scopes)));
  const gate = new ToolGate(
    {
      engine,
      approvals: deps.approvals,
      tasks: deps.tasks,
      clock: deps.clock,
      ids: deps.ids,
      logger: deps.logger,
      publish: (...told) => reporter.publish(...told),
      flush: () => reporter.flush(),
      feed: deps.decisionFeed,
      stop,
    },
    {
      task,
      session: { sessionId: session.sessionId, generation: session.generation },
      workspaceDir: checkout.dir,
      protectedBranches: [...new Set([...settings.protectedBranches, checkout.baseBranch])],
      gateCap: settings.approvalGateCap,
      approvalTimeoutS: settings.approvalTimeoutS,
      cleanupMarginMs,
    },
    memory,
  );
  await gate.settle();
  return gate;
}

/** The platform may be starting anew in this very moment: that is waited for. */
function readOwnLog({ deps, task: { taskId }, stop: { signal } }: SessionRun): Promise<readonly TaskEvent[]> {
  return retryTransient(deps.clock, { ...startRetries, signal }, () => readLog(deps.events, { taskId }, { signal }));
}

function scopesOf(texts: readonly string[] = []): readonly ApprovalScope[] {
  return texts.map(parsePreApproval);
}

function loadedFields(scopes: readonly ApprovalScope[]): { count: number; scopes: string[] } {
  return { count: scopes.length, scopes: scopes.map(formatScope) };
}
