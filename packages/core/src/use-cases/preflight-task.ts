import { AbcaError } from '../errors/abca-error.ts';
import type { TaskId } from '../ids/ids.ts';
import type { ComputeStrategy } from '../ports/compute-strategy.ts';
import type { Forge } from '../ports/forge.ts';
import type { TaskRepository } from '../ports/task-repository.ts';
import type { TaskSettings } from '../repo/task-settings.ts';
import { isTerminal } from '../task/task-status.ts';
import type { Failure } from '../task/task.ts';

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
  readonly forge: Forge;
  readonly strategies: ComputeStrategies;
}

export type PreflightOutcome =
  | { readonly kind: 'passed'; readonly baseBranch: string }
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
  const unknownCompute = checkCompute(deps.strategies, settings.computeType);
  if (unknownCompute !== undefined) return { kind: 'failed', failure: unknownCompute };
  const result = await deps.forge.preflight({
    repo: task.repo,
    cloneUrl: settings.cloneUrl,
    taskType: task.taskType,
    protectedBranches: settings.protectedBranches,
    ...(settings.baseBranch !== undefined && { baseBranch: settings.baseBranch }),
    ...(task.prNumber !== undefined && { prNumber: task.prNumber }),
  });
  if (result.kind === 'passed') return result;
  return { kind: 'failed', failure: { code: result.code, message: result.message } };
}

function checkCompute(strategies: ComputeStrategies, computeType: string): Failure | undefined {
  try {
    getStrategy(strategies, computeType);
    return undefined;
  } catch (error) {
    const { code, message } = AbcaError.wrap(error, 'UNKNOWN_COMPUTE_TYPE', 'compute is not configured');
    return { code, message };
  }
}
