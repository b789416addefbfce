import type { TaskId } from '../ids/ids.ts';
import type { RepoConfigRepository } from '../ports/repo-config-repository.ts';
import type { TaskRepository } from '../ports/task-repository.ts';
import { resolveSettings, type PlatformDefaults } from '../repo/resolve-settings.ts';
import type { TaskSettings } from '../repo/task-settings.ts';
import { isTerminal } from '../task/task-status.ts';
import type { Failure } from '../task/task.ts';

export interface LoadDeps {
  readonly tasks: TaskRepository;
  readonly repos: RepoConfigRepository;
  readonly defaults: PlatformDefaults;
}

export type LoadResult =
  | { readonly kind: 'loaded'; readonly settings: TaskSettings }
  | { readonly kind: 'failed'; readonly failure: Failure }
  /** There is nothing to run. */
  | { readonly kind: 'ended' };

/** The settings of a task, resolved once for its whole life. */
export async function loadTask(deps: LoadDeps, taskId: TaskId): Promise<LoadResult> {
  const task = await deps.tasks.find(taskId);
  if (task === undefined || isTerminal(task.status)) return { kind: 'ended' };
  const repo = await deps.repos.find(task.repo);
  if (repo?.status !== 'active') {
    const message = `repository ${task.repo} was removed before the task started; add it again with: bgagent repo add`;
    return { kind: 'failed', failure: { code: 'REPO_NOT_ONBOARDED', message } };
  }
  return { kind: 'loaded', settings: resolveSettings(deps.defaults, repo, task) };
}
