import { join } from 'node:path';
import {
  AbcaError,
  emptyContext,
  getForge,
  isReadOnly,
  parseIso,
  shortTaskId,
  wipRefOf,
  type AgentOutcome,
  type Checkout,
  type HydratedContext,
  type PolicyEngine,
  type TaskSettings,
  type ToolGate,
  within,
  retryTransient,
  sessionStatuses,
} from '@abca/core';
import { runAgent, unexpectedStop } from '../agent-run/run-agent.ts';
import { deliverWork } from '../delivery/deliver-work.ts';
import { openGate } from '../gate/open-gate.ts';
import { buildPrompt } from '../prompt/build-prompt.ts';
import { endBoundsOf, startRetries } from './bounds.ts';
import { armLifetime } from './lifetime.ts';
import type { WorkEnd } from './session-result.ts';
import type { SessionRun } from './session-run.ts';

/** What is read from the task's row before anything is done. */
interface Job {
  readonly settings: TaskSettings;
  /** Name of the branch in the checkout: for a task that only reads it is there alone. */
  readonly branch: string;
  /** Ref of the remote to stand at. Absent: the branch. */
  readonly startRef?: string;
}

/**
 * The work of a session, from the policies to the pull request: policies → context and clone → agent → commit, push, pull
 * request. Never rejects: each end is a value.
 */
export async function doWork(run: SessionRun): Promise<WorkEnd> {
  const disarm = armLifetime(run);
  try {
    const job = jobOf(run);
    const engine = await loadPolicies(run, job);
    const context = await readContext(run);
    const checkout = await cloneRepository(run, job);
    const outcome = await runAgentOn(run, { job, engine, context, checkout });
    disarm();
    return await endOf(run, job, checkout, outcome);
  } catch (error) {
    return endOfError(run, error);
  } finally {
    disarm();
  }
}

/** @throws AbcaError STORE_CORRUPT; UNKNOWN_FORGE before any work is done that could not be delivered */
function jobOf({ deps, task }: SessionRun): Job {
  const { settings, pullRequest } = task;
  const isReview = isReadOnly(task.taskType);
  const branch = task.branch ?? (isReview ? `abca-review-${shortTaskId(task.taskId)}` : undefined);
  if (settings === undefined || branch === undefined) {
    throw new AbcaError(
      'STORE_CORRUPT',
      `the row of task ${task.taskId} holds no settings or no branch; submit it again`,
    );
  }
  getForge(deps.forges, settings.forge);
  return { settings, branch, ...(isReview && pullRequest && { startRef: pullRequest.headRef }) };
}

async function loadPolicies({ deps }: SessionRun, { settings }: Job): Promise<PolicyEngine> {
  try {
    const engine = await deps.policies.load(settings.cedarPolicies);
    const { rules, warnings } = engine;
    deps.logger.info('policies loaded', { approval_gate_cap: settings.approvalGateCap, rules: rules.length, warnings });
    return engine;
  } catch (error) {
    throw AbcaError.wrap(error, 'POLICY_INVALID', 'the policies could not be loaded');
  }
}

async function readContext({ deps, task, stop }: SessionRun): Promise<HydratedContext> {
  const { signal } = stop;
  const find = () => deps.contexts.find(task.taskId, { signal });
  return (await retryTransient(deps.clock, { ...startRetries, signal }, find)) ?? emptyContext;
}

async function cloneRepository(run: SessionRun, { settings, branch, startRef }: Job): Promise<Checkout> {
  const { deps, session, task, stop } = run;
  const { signal } = stop;
  const baseBranch = task.baseBranch ?? settings.baseBranch;
  const checkout = await retryTransient(deps.clock, { ...startRetries, signal }, (attempt) =>
    deps.workspace.checkout(
      {
        cloneUrl: settings.cloneUrl,
        ...(baseBranch !== undefined && { baseBranch }),
        branch,
        ...(startRef !== undefined && { startRef }),
        wipRef: wipRefOf(task.taskId),
        // A clone that broke off may have left something in its folder.
        dir: join(session.workspaceDir, attempt === 1 ? 'repo' : `repo-${String(attempt)}`),
      },
      { signal },
    ),
  );
  run.facts.checkout = checkout;
  run.facts.startSha = await noteStart(run, checkout);
  await run.reporter.milestone('repo_cloned', { base_branch: checkout.baseBranch, base_sha: checkout.baseSha });
  return checkout;
}

/**
 * Where the work begins, which is what says whether there is any. Work that starts something new begins at its base. More work on a
 * pull request begins at what its first session found, which is noted on the row: a session that is started again finds what the
 * first one pushed.
 */
async function noteStart({ deps, session, task, stop }: SessionRun, checkout: Checkout): Promise<string> {
  if (task.pullRequest === undefined) return checkout.baseSha;
  if (task.startSha !== undefined || isReadOnly(task.taskType)) return task.startSha ?? checkout.startSha;
  const { taskId, sessionId, generation } = session;
  const { signal } = stop;
  const { startSha } = checkout;
  await retryTransient(deps.clock, { ...startRetries, signal }, () =>
    deps.tasks.amend(
      {
        taskId,
        atMs: deps.clock.nowMs(),
        whileIn: sessionStatuses,
        expectSession: { sessionId, generation },
        patch: { startSha },
      },
      { signal },
    ),
  );
  return startSha;
}

async function runAgentOn(
  run: SessionRun,
  work: {
    readonly job: Job;
    readonly engine: PolicyEngine;
    readonly context: HydratedContext;
    readonly checkout: Checkout;
  },
): Promise<AgentOutcome> {
  const { job, engine, context, checkout } = work;
  const { settings } = job;
  const gate = await openGate(run, { engine, settings, checkout });
  const prompt = buildPrompt(run.task, context);
  try {
    return await runAgent(run, { prompt, settings, checkout, gate });
  } finally {
    await settleGate(run, gate);
  }
}

/** A task that still waits for a person cannot be finalized: what it waits for goes away with the agent. */
async function settleGate({ deps, stop, cleanupMarginMs }: SessionRun, gate: ToolGate): Promise<void> {
  const bound = { what: 'closing the open request', ms: endBoundsOf(stop, cleanupMarginMs).confirmMs };
  try {
    await within(deps.clock, bound, () => gate.settle());
  } catch (error) {
    deps.logger.warn('a request may be left open', { error });
  }
}

async function endOf(run: SessionRun, { settings }: Job, checkout: Checkout, outcome: AgentOutcome): Promise<WorkEnd> {
  // A reason to stop beats what the agent says of itself: what it was stopped for, it cannot know.
  const reason = run.stop.reason();
  if (reason !== undefined) return { kind: 'stopped', reason };
  switch (outcome.kind) {
    case 'finished':
      return deliverInTime(run, settings, checkout);
    case 'turn_cap': {
      const message = `the agent used all of its ${String(settings.maxTurns)} turns; submit the rest, or raise max_turns`;
      return { kind: 'capped', failure: { code: 'AGENT_TURN_CAP', message } };
    }
    case 'budget_cap': {
      const message = `the agent used all of its ${settings.maxBudgetUsd.toFixed(2)} USD; submit the rest, or raise max_budget_usd`;
      return { kind: 'capped', failure: { code: 'AGENT_BUDGET_CAP', message } };
    }
    case 'failed':
      return { kind: 'failed', failure: { code: outcome.code, message: outcome.message } };
    case 'stopped':
      throw unexpectedStop(outcome.reason);
    default:
      return outcome satisfies never;
  }
}

/**
 * The orchestrator ends a task at its deadline whatever it does: the report must be there before. Half of the cleanup margin
 * is for the delivery where the agent has used all time before it, the other half for what follows.
 */
function deliverInTime(run: SessionRun, settings: TaskSettings, checkout: Checkout): Promise<WorkEnd> {
  const { deps, task, stop, cleanupMarginMs } = run;
  const untilReport = parseIso(task.deadlineAt) - deps.clock.nowMs() - cleanupMarginMs / 2;
  const ms = Math.max(cleanupMarginMs / 2, untilReport);
  const bound = { what: 'the delivery', ms, signal: stop.signal };
  return within(deps.clock, bound, (signal) => deliverWork(run, settings, checkout, signal));
}

function endOfError({ stop, deps }: SessionRun, error: unknown): WorkEnd {
  const reason = stop.reason();
  if (reason !== undefined) return { kind: 'stopped', reason };
  deps.logger.error('session failed', { error });
  const { code, message } = AbcaError.wrap(error, 'INTERNAL_ERROR', 'the session failed');
  return { kind: 'failed', failure: { code, message } };
}
