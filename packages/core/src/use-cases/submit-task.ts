import * as z from 'zod';
import { canonicalHash } from '../crypto/canonical-hash.ts';
import { AbcaError } from '../errors/abca-error.ts';
import type { TaskId, UserId } from '../ids/ids.ts';
import { limits } from '../limits.ts';
import { preApprovalSchema } from '../policy/approval-scope.ts';
import type { CallOptions } from '../ports/call-options.ts';
import type { Clock } from '../ports/clock.ts';
import type { IdGenerator } from '../ports/id-generator.ts';
import type { PolicyLoader } from '../ports/policy-engine.ts';
import type { RepoConfigRepository } from '../ports/repo-config-repository.ts';
import type { TaskExecutions } from '../ports/task-executions.ts';
import type { CreateTaskResult, TaskRepository } from '../ports/task-repository.ts';
import { repoIdSchema, type RepoConfig } from '../repo/repo-config.ts';
import { assertPreApprovals } from './pre-approvals.ts';
import { taskTypes, type Task } from '../task/task.ts';
import { formatIso } from '../time/iso-time.ts';

const { maxTurns, maxBudgetUsd, approvalTimeoutS, initialApprovals } = limits;

/** What a person submits. The API's body and the CLI's flags are checked against this. */
export const submitCommandSchema = z.strictObject({
  repo: repoIdSchema,
  /** Kept to the letter, white space at its ends too. */
  taskDescription: z.string().max(limits.taskDescriptionChars).regex(/\S/, 'must say what to do'),
  taskType: z.enum(taskTypes).default('new_task'),
  baseBranch: z.string().trim().min(1).max(255).optional(),
  issueNumber: z.number().int().positive().optional(),
  prNumber: z.number().int().positive().optional(),
  maxTurns: z.number().int().min(maxTurns.min).max(maxTurns.max).optional(),
  maxBudgetUsd: z.number().min(maxBudgetUsd.min).max(maxBudgetUsd.max).optional(),
  approvalTimeoutS: z.number().int().min(approvalTimeoutS.min).max(approvalTimeoutS.max).optional(),
  initialApprovals: z.array(preApprovalSchema).max(initialApprovals.max).optional(),
});
export type SubmitCommand = z.infer<typeof submitCommandSchema>;

export interface SubmitDeps {
  readonly tasks: TaskRepository;
  readonly repos: RepoConfigRepository;
  readonly policies: PolicyLoader;
  readonly executions: TaskExecutions;
  readonly ids: IdGenerator;
  readonly clock: Clock;
}

export interface SubmitRequest {
  readonly userId: UserId;
  readonly command: SubmitCommand;
  /** Client's key: the same key and request give the same task. */
  readonly idempotencyKey?: string;
}

/** `replayed`: the key had been used for the same request before. */
export type SubmitOutcome = { readonly kind: 'created' | 'replayed'; readonly task: Task };

/**
 * Store a task and start its workflow. Safe to repeat with an idempotency key at any point of failure: a task that was
 * stored but not started is started by the repetition.
 *
 * @throws AbcaError REPO_NOT_ONBOARDED, VALIDATION_ERROR, DUPLICATE_TASK (key used for another request),
 *   SERVICE_UNAVAILABLE (retryable; not so when the policies of the repository cannot be used)
 */
export async function submitTask(
  deps: SubmitDeps,
  request: SubmitRequest,
  options?: CallOptions,
): Promise<SubmitOutcome> {
  const { command } = request;
  const repo = await deps.repos.find(command.repo, options);
  if (repo?.status !== 'active') {
    throw new AbcaError(
      'REPO_NOT_ONBOARDED',
      `repository ${command.repo} has not been added; add it with: bgagent repo add`,
    );
  }
  assertTaskType(command);
  await assertPreApprovals(deps.policies, command, repo);
  const created = await deps.tasks.create(await toNewTask(deps, request, repo), options);
  const task = acceptCreated(created, request.idempotencyKey);
  if (task.status === 'SUBMITTED') await deps.executions.start(task.taskId, options);
  return { kind: created.kind === 'created' ? 'created' : 'replayed', task };
}

function assertTaskType({ taskType, prNumber }: SubmitCommand): void {
  if (taskType !== 'new_task' && prNumber === undefined) {
    throw new AbcaError('VALIDATION_ERROR', `a task of type ${taskType} names its pull request: set pr_number`);
  }
}

async function toNewTask(
  deps: SubmitDeps,
  request: SubmitRequest,
  repo: RepoConfig,
): Promise<Parameters<TaskRepository['create']>[0]> {
  const { command, idempotencyKey } = request;
  const task = newTask(deps.ids.newTaskId(), request, repo, deps.clock.nowMs());
  return {
    task,
    ...(idempotencyKey !== undefined && {
      idempotency: { key: idempotencyKey, requestHash: await canonicalHash(command) },
    }),
    events: [{ eventType: 'task_created', metadata: { repo: task.repo, task_type: task.taskType } }],
  };
}

function newTask(taskId: TaskId, { userId, command }: SubmitRequest, repo: RepoConfig, nowMs: number): Task {
  const now = formatIso(nowMs);
  const given = Object.entries(command).filter(([, value]) => value !== undefined);
  return {
    ...(Object.fromEntries(given) as SubmitCommand),
    taskId,
    userId,
    status: 'SUBMITTED',
    statusCreatedAt: now,
    createdAt: now,
    updatedAt: now,
    deadlineAt: formatIso(nowMs + limits.queueMs + limits.sessionMs),
    generation: 0,
    approvalGateCap: repo.blueprint.security?.approvalGateCap ?? limits.approvalGateCap.default,
  };
}

function acceptCreated(created: CreateTaskResult, key: string | undefined): Task {
  if (created.kind !== 'key_reused') return created.task;
  throw new AbcaError(
    'DUPLICATE_TASK',
    `the idempotency key "${key ?? ''}" was used for another request, which made task ${created.task.taskId}; use a new key`,
    { details: { taskId: created.task.taskId } },
  );
}
