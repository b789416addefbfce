import { AbcaError } from '../errors/abca-error.ts';
import type { TaskId } from '../ids/ids.ts';
import type { ComputeStrategy } from '../ports/compute-strategy.ts';
import { getForge, type Forges } from '../forge/forges.ts';
import type { PreflightResult, PullRequestHead } from '../ports/forge.ts';
import type { TaskRepository } from '../ports/task-repository.ts';
import type { TaskSettings } from '../repo/task-settings.ts';
import { isTerminal } from '../task/task-status.ts';
import type { Failure, Task } from '../task/task.ts';

/** The strategies of a program by compute type. */
export type ComputeStrategies = ReadonlyMap<string, ComputeStrategy>;

/** @throws AbcaError UNKNOWN_COMPUTE_TYPE, naming the types that are there */
export function getStrategy(strategies: ComputeStrategies, computeType: string): ComputeStrategy {
  const strategy = strategies.get(computeType);
  if (strategy !== undefined) return strategy;
  const known = [...strategies.keys()].sort().join(', ') || 'none';
  throw new AbcaError('UNKNOWN_COMPUTE_TYPE', `compute type "${computeType}" is not available; available: ${known}`);
}

export interface PreflightDeps {
  readonly tasks: TaskRepository;
  readonly forges: Forges;
  readonly strategies: ComputeStrategies;
}

export type PreflightOutcome =
  /** `pullRequest` for every task that works on one. */
  | { readonly kind: 'passed'; readonly baseBranch: string; readonly pullRequest?: PullRequestHead }
  | { readonly kind: 'failed'; readonly failure: Failure }
  | { readonly kind: 'ended' };

/** Whether the task can be done at all, checked before any compute is spent. */
export async function preflightTask(
  deps: PreflightDeps,
  taskId: TaskId,
  settings: TaskSettings,
): Promise<PreflightOutcome> {
  const task = await deps.tasks.find(taskId);
  if (task === undefined || isTerminal(task.status)) return { kind: 'ended' };
  const missing = checkAdapters(deps, settings);
  if (missing !== undefined) return { kind: 'failed', failure: missing };
  const result = await getForge(deps.forges, settings.forge).preflight({
    repo: task.repo,
    cloneUrl: settings.cloneUrl,
    taskType: task.taskType,
    protectedBranches: settings.protectedBranches,
    ...(settings.baseBranch !== undefined && { baseBranch: settings.baseBranch }),
    ...(task.prNumber !== undefined && { prNumber: task.prNumber }),
  });
  if (result.kind === 'passed') return judgePullRequest(task, result);
  return { kind: 'failed', failure: { code: result.code, message: result.message } };
}

/** More work on a pull request is pushed to its branch: it must be one of the repository's own that may be written. */
function judgePullRequest(
  { taskType, prNumber }: Task,
  { baseBranch, pullRequest }: Extract<PreflightResult, { kind: 'passed' }>,
): PreflightOutcome {
  if (taskType === 'new_task') return { kind: 'passed', baseBranch };
  const name = `pull request #${String(prNumber)}`;
  if (pullRequest === undefined) return refused(`the forge did not find ${name}; name one that is open`);
  if (taskType === 'pr_iteration' && pullRequest.headBranch === undefined) {
    const remedy = 'push its branch to the repository itself, or submit a new task';
    return refused(`${name} is from a fork, where the platform cannot push: ${remedy}`);
  }
  return { kind: 'passed', baseBranch, pullRequest };
}

function refused(message: string): PreflightOutcome {
  return { kind: 'failed', failure: { code: 'PREFLIGHT_FAILED', message } };
}

/** What the task needs of this program and is not in it: known before anything is asked or spent. */
function checkAdapters({ strategies, forges }: PreflightDeps, settings: TaskSettings): Failure | undefined {
  try {
    getStrategy(strategies, settings.computeType);
    getForge(forges, settings.forge);
    return undefined;
  } catch (error) {
    const { code, message } = AbcaError.wrap(error, 'INTERNAL_ERROR', 'the adapters of the task were not found');
    return { code, message };
  }
}
