import { limits } from '../limits.ts';
import type { Task } from '../task/task.ts';
import type { RepoConfig } from './repo-config.ts';
import type { TaskSettings } from './task-settings.ts';

/** What the platform sets for every task unless a blueprint or the task says otherwise. */
export interface PlatformDefaults {
  readonly computeType: string;
  readonly maxTurns: number;
  readonly maxBudgetUsd: number;
  readonly approvalGateCap: number;
  readonly approvalTimeoutS: number;
}

/** The platform's own defaults, from {@link limits}. */
export function platformDefaults(computeType: string): PlatformDefaults {
  return {
    computeType,
    maxTurns: limits.maxTurns.default,
    maxBudgetUsd: limits.maxBudgetUsd.default,
    approvalGateCap: limits.approvalGateCap.default,
    approvalTimeoutS: limits.approvalTimeoutS.default,
  };
}

/** Platform < blueprint < task. */
export function resolveSettings(defaults: PlatformDefaults, repo: RepoConfig, task: Task): TaskSettings {
  const { blueprint } = repo;
  const { type, ...compute } = blueprint.compute ?? { type: defaults.computeType };
  const baseBranch = task.baseBranch ?? repo.defaultBranch;
  return {
    computeType: type,
    compute,
    cloneUrl: repo.cloneUrl,
    forge: repo.forge,
    ...(baseBranch !== undefined && { baseBranch }),
    protectedBranches: blueprint.protectedBranches ?? [],
    maxTurns: task.maxTurns ?? blueprint.maxTurns ?? defaults.maxTurns,
    maxBudgetUsd: task.maxBudgetUsd ?? blueprint.maxBudgetUsd ?? defaults.maxBudgetUsd,
    approvalGateCap: task.approvalGateCap ?? blueprint.security?.approvalGateCap ?? defaults.approvalGateCap,
    approvalTimeoutS: task.approvalTimeoutS ?? defaults.approvalTimeoutS,
    ...(blueprint.pullRequest && { pullRequest: blueprint.pullRequest }),
    ...(blueprint.security?.cedarPolicies && { cedarPolicies: blueprint.security.cedarPolicies }),
  };
}
