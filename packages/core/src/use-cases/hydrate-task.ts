import type { TaskId } from '../ids/ids.ts';
import { mintSessionId } from '../ids/ids.ts';
import { limits } from '../limits.ts';
import type { Clock } from '../ports/clock.ts';
import type { ContextStore } from '../ports/context-store.ts';
import { getForge, type Forges } from '../forge/forges.ts';
import type { PullRequestHead } from '../ports/forge.ts';
import type { TaskRepository } from '../ports/task-repository.ts';
import type { TaskSettings } from '../repo/task-settings.ts';
import { branchNameOf } from '../task/branch-name.ts';
import { isReadOnly, type Task } from '../task/task.ts';
import { formatIso } from '../time/iso-time.ts';

export interface HydrateDeps {
  readonly tasks: TaskRepository;
  readonly forges: Forges;
  readonly contexts: ContextStore;
  readonly clock: Clock;
  /** Longest life of a session and the deadline of a task, milliseconds from here on. */
  readonly sessionMs: number;
}

export type HydrateOutcome = { readonly kind: 'hydrated' } | { readonly kind: 'ended' };

/**
 * SUBMITTED → HYDRATING, fetch what the forge knows, store it by reference, and mint the session. Idempotent: every
 * write is conditional on the step before it.
 *
 * @param pullRequest the one that pre-flight found for the task
 */
export async function hydrateTask(
  deps: HydrateDeps,
  taskId: TaskId,
  settings: TaskSettings,
  pullRequest?: PullRequestHead,
): Promise<HydrateOutcome> {
  const task = await enterHydrating(deps, taskId);
  if (task === undefined) return { kind: 'ended' };
  const context = await getForge(deps.forges, settings.forge).fetchContext({
    repo: task.repo,
    cloneUrl: settings.cloneUrl,
    maxTokens: limits.contextTokens,
    ...(task.issueNumber !== undefined && { issueNumber: task.issueNumber }),
    ...(task.prNumber !== undefined && { prNumber: task.prNumber }),
  });
  await deps.contexts.put(taskId, context);
  const told = { context_tokens: context.tokens, truncated: context.truncated };
  const minted = await mintSession(deps, task, { told, ...(pullRequest && { pullRequest }) });
  return { kind: minted ? 'hydrated' : 'ended' };
}

async function enterHydrating(deps: HydrateDeps, taskId: TaskId): Promise<Task | undefined> {
  const seen = await deps.tasks.find(taskId);
  if (seen?.status === 'HYDRATING') return seen;
  if (seen?.status !== 'SUBMITTED') return undefined;
  const moved = await deps.tasks.transition({
    taskId,
    from: 'SUBMITTED',
    to: 'HYDRATING',
    atMs: deps.clock.nowMs(),
    events: [{ eventType: 'hydration_started', metadata: {} }],
  });
  if (moved.kind === 'absent') return undefined;
  return moved.task.status === 'HYDRATING' ? moved.task : undefined;
}

async function mintSession(
  { tasks, clock, sessionMs }: HydrateDeps,
  task: Task,
  work: {
    readonly told: { readonly context_tokens: number; readonly truncated: boolean };
    readonly pullRequest?: PullRequestHead;
  },
): Promise<boolean> {
  if (task.generation > 0) return true;
  const atMs = clock.nowMs();
  const result = await tasks.amend({
    taskId: task.taskId,
    atMs,
    whileIn: ['HYDRATING'],
    expectSession: { generation: 0 },
    patch: {
      generation: 1,
      sessionId: mintSessionId(task.taskId, 1),
      ...deliveredOn(task, work.pullRequest),
      // The clock of the deadline starts with the work, not with the wait for a slot.
      deadlineAt: formatIso(atMs + sessionMs),
    },
    events: [{ eventType: 'hydration_complete', metadata: work.told }],
  });
  if (result.kind === 'absent') return false;
  return result.kind === 'moved' || (result.task.status === 'HYDRATING' && result.task.generation > 0);
}

/** A branch of the task's own, that of the pull request it goes on with, or none for a task that only reads. */
function deliveredOn(task: Task, pullRequest: PullRequestHead | undefined): Pick<Task, 'branch' | 'pullRequest'> {
  const branch = pullRequest === undefined ? branchNameOf(task) : pullRequest.headBranch;
  return {
    ...(branch !== undefined && !isReadOnly(task.taskType) && { branch }),
    ...(pullRequest && { pullRequest }),
  };
}
