import { AbcaError } from '../errors/abca-error.ts';
import { limits } from '../limits.ts';
import type { CallOptions } from '../ports/call-options.ts';
import type { ForgePeople } from '../ports/forge-people.ts';
import type { RateLimiter } from '../ports/rate-limiter.ts';
import type { RepoConfig } from '../repo/repo-config.ts';
import { decideTrigger, type TriggerDecision } from '../triggers/decide-trigger.ts';
import { readGitHubEvent, type TriggerEvent } from '../triggers/github-event.ts';
import type { Triggers } from '../triggers/triggers.ts';
import { submitTask, type SubmitDeps, type SubmitOutcome } from './submit-task.ts';
import { takeRate } from './take-rate.ts';

export interface TriggerDeps extends SubmitDeps {
  readonly rates: RateLimiter;
  readonly people: ForgePeople;
}

/** A delivery of GitHub whose signature was right. */
export interface TriggerRequest {
  /** `issues`, `issue_comment`, … */
  readonly name: string;
  readonly payload: unknown;
  /** Accounts that the platform writes as. What they do starts nothing. */
  readonly ownLogins: readonly string[];
}

export type TriggerOutcome = SubmitOutcome | { readonly kind: 'ignored'; readonly why: string };

type Start = Extract<TriggerDecision, { kind: 'start' }>;

/**
 * Start the task that somebody asked for on the forge, if they may. Safe to repeat: what happened once on the forge starts one
 * task, however often and by however many hooks it is delivered, also at the same time.
 *
 * @throws AbcaError VALIDATION_ERROR for a payload that is none of its event's, RATE_LIMIT_EXCEEDED, FORGE_ACCESS_DENIED, and
 *   what {@link submitTask} throws
 */
export async function startFromTrigger(
  deps: TriggerDeps,
  { name, payload, ownLogins }: TriggerRequest,
  options?: CallOptions,
): Promise<TriggerOutcome> {
  const read = readGitHubEvent(name, payload);
  if (read.kind === 'malformed') throw new AbcaError('VALIDATION_ERROR', read.why);
  if (read.kind === 'ignored') return read;
  const repo = await deps.repos.find(read.event.repo, options);
  const triggers = triggersOf(repo);
  if (repo === undefined || triggers === undefined) return ignored(`${read.event.repo} has no triggers`);
  const decision = decideTrigger(read.event, { triggers, ownLogins, nowMs: deps.clock.nowMs() });
  if (decision.kind === 'ignore') return ignored(decision.why);
  if (!(await mayStart(deps, repo, read.event, options))) return ignored('the sender may not write to the repository');
  return submitOnce(deps, triggers, decision, options);
}

/** Whoever starts tasks by words there is a person of GitHub's: a repository elsewhere is not theirs. */
function triggersOf(repo: RepoConfig | undefined): Triggers | undefined {
  return repo?.status === 'active' && repo.forge === 'github' ? repo.blueprint.triggers : undefined;
}

/**
 * Strangers are counted by themselves: they can neither wear out the forge by questions about them, nor use up what those who
 * may write have.
 */
async function mayStart(
  { rates, people }: TriggerDeps,
  { repo, cloneUrl }: RepoConfig,
  { sender: { login } }: TriggerEvent,
  options?: CallOptions,
): Promise<boolean> {
  const rule = limits.triggerRate;
  const sender = `trigger:${repo}:${login.toLowerCase()}`;
  await takeRate(rates, { key: sender, rule, what: `orders of one person in ${repo}` }, options);
  if ((await people.permissionOf({ repo, cloneUrl, login }, options)) !== 'write') return false;
  await takeRate(rates, { key: `trigger:${repo}`, rule, what: `orders in ${repo}` }, options);
  return true;
}

async function submitOnce(
  deps: TriggerDeps,
  { runAs }: Triggers,
  { command, source }: Start,
  options?: CallOptions,
): Promise<TriggerOutcome> {
  const idempotencyKey = `github:${command.repo}:${source.subject}`;
  try {
    return await submitTask(deps, { userId: runAs, command, idempotencyKey }, options);
  } catch (error) {
    // It was understood otherwise when it came first: the mention has changed since, for one. It still happened once.
    if (AbcaError.is(error, 'DUPLICATE_TASK')) return ignored('it started a task before');
    throw error;
  }
}

function ignored(why: string): TriggerOutcome {
  return { kind: 'ignored', why };
}
