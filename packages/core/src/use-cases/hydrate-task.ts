import type { TaskId } from '../ids/ids.ts';
import { mintSessionId } from '../ids/ids.ts';
import { limits } from '../limits.ts';
import type { Clock } from '../ports/clock.ts';
import type { ContextStore } from '../ports/context-store.ts';
import type { Forge } from '../ports/forge.ts';
import type { TaskRepository } from '../ports/task-repository.ts';
import type { TaskSettings } from '../repo/task-settings.ts';
import { branchNameOf } from '../task/branch-name.ts';
import type { Task } from '../task/task.ts';
import { formatIso } from '../time/iso-time.ts';

export interface HydrateDeps {
  readonly tasks: TaskRepository;
  readonly forge: Forge;
  readonly contexts: ContextStore;
  readonly clock: Clock;
  /** Longest life of a session and the deadline of a task, milliseconds from here on. */
  readonly sessionMs: number;
}

export type HydrateOutcome = { readonly kind: 'hydrated' } | { readonly kind: 'ended' };

/**
 * SUBMITTED → HYDRATING, fetch what the forge knows, store it by reference, and mint the session. Idempotent: every
 * write is conditional on the step before it.
 */
export async function hydrateTask(deps: HydrateDeps, taskId: TaskId, settings: TaskSettings): Promise<HydrateOutcome> {
  const task = await enterHydrating(deps, taskId);
  if (task === undefined) return { kind: 'ended' };
  const context = await deps.forge.fetchContext({
    repo: task.repo,
    cloneUrl: settings.cloneUrl,
    maxTokens: limits.contextTokens,
    ...(task.issueNumber !== undefined && { issueNumber: task.issueNumber }),
    ...(task.prNumber !== undefined && { prNumber: task.prNumber }),
  });
  await deps.contexts.put(taskId, context);
  const minted = await mintSession(deps, task, { context_tokens: context.tokens, truncated: context.truncated });
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
  metadata: { readonly context_tokens: number; readonly truncated: boolean },
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
      branch: branchNameOf(task),
      // The clock of the deadline starts with the work, not with the wait for a slot.
      deadlineAt: formatIso(atMs + sessionMs),
    },
    events: [{ eventType: 'hydration_complete', metadata }],
  });
  if (result.kind === 'absent') return false;
  return result.kind === 'moved' || (result.task.status === 'HYDRATING' && result.task.generation > 0);
}
