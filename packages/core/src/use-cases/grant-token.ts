import * as z from 'zod';
import { AbcaError } from '../errors/abca-error.ts';
import type { SessionId, TaskId } from '../ids/ids.ts';
import { limits } from '../limits.ts';
import type { CallOptions } from '../ports/call-options.ts';
import type { Clock } from '../ports/clock.ts';
import { forgeAccesses, type ForgeAccess, type ForgeToken, type ForgeTokens } from '../ports/forge-tokens.ts';
import type { RateLimiter } from '../ports/rate-limiter.ts';
import type { TaskRepository } from '../ports/task-repository.ts';
import { sessionStatuses } from '../task/task-status.ts';
import type { Task, TaskType } from '../task/task.ts';
import { parseIso } from '../time/iso-time.ts';
import { takeRate } from './take-rate.ts';

/** What a session asks for. It names itself, and no repository: it gets a token for that of its task. */
export const tokenRequestSchema = z.strictObject({
  taskId: z.string().min(1).max(64) as unknown as z.ZodType<TaskId, string>,
  sessionId: z.string().min(1).max(128) as unknown as z.ZodType<SessionId, string>,
  generation: z.number().int().positive(),
  access: z.enum(forgeAccesses),
  /** How long it must be good for, milliseconds. */
  minRemainingMs: z.number().int().nonnegative().max(limits.sessionMs).optional(),
  /** A token that the forge just refused. */
  refuse: z.string().min(1).max(1_000).optional(),
});
export type TokenRequest = z.infer<typeof tokenRequestSchema>;

export interface GrantDeps {
  readonly tasks: Pick<TaskRepository, 'find'>;
  readonly tokens: ForgeTokens;
  readonly rates: RateLimiter;
  readonly clock: Pick<Clock, 'nowMs'>;
}

/** The most that a session of a task may ask for. */
const mostAccess: Readonly<Record<TaskType, ForgeAccess>> = {
  new_task: 'write',
  pr_iteration: 'write',
  pr_review: 'review',
};

/**
 * A short-lived token for the repository of a session's task, while the task is that session's: a session that was cancelled,
 * replaced or lost gets none, however well it knows its own name.
 *
 * @throws AbcaError FORBIDDEN when the session is not the task's, or asks for more than a task of its type may; RATE_LIMIT_EXCEEDED;
 *   what `deps.tokens` throws
 */
export async function grantToken(deps: GrantDeps, request: TokenRequest, options?: CallOptions): Promise<ForgeToken> {
  const { taskId, sessionId, access, minRemainingMs, refuse } = request;
  const task = await deps.tasks.find(taskId, options);
  // One message for all: who asks for somebody else's learns nothing of it.
  if (task === undefined || !isCurrent(task, request, deps.clock.nowMs())) {
    throw new AbcaError('FORBIDDEN', `session ${sessionId} has no task at work; it was ended or replaced`);
  }
  if (!isWithin(access, mostAccess[task.taskType])) {
    throw new AbcaError('FORBIDDEN', `a task of type ${task.taskType} gets no token for ${access}`);
  }
  const rule = limits.tokenRate;
  await takeRate(deps.rates, { key: `forge-token:${sessionId}`, rule, what: 'tokens of a session' }, options);
  return deps.tokens.get(
    {
      repo: task.repo,
      access,
      ...(minRemainingMs !== undefined && { minRemainingMs }),
      ...(refuse !== undefined && { refuse }),
    },
    options,
  );
}

function isCurrent(task: Task, { sessionId, generation }: TokenRequest, nowMs: number): boolean {
  const isAtWork = (sessionStatuses as readonly string[]).includes(task.status);
  const isOwn = task.sessionId === sessionId && task.generation === generation;
  // Before its first renewal a session has no lease yet: it clones while it is being recorded.
  const hasLease = task.leaseExpiresAt === undefined || parseIso(task.leaseExpiresAt) > nowMs;
  return isAtWork && isOwn && hasLease;
}

function isWithin(access: ForgeAccess, most: ForgeAccess): boolean {
  return forgeAccesses.indexOf(access) <= forgeAccesses.indexOf(most);
}
