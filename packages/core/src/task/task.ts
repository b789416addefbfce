import * as z from 'zod';
import { errorCodes, type ErrorCode } from '../errors/abca-error.ts';
import type { RepoId, RequestId, SessionId, TaskId, UserId } from '../ids/ids.ts';
import { limits } from '../limits.ts';
import { gateSummarySchema } from '../receipt/gate-summary.ts';
import { taskSettingsSchema } from '../repo/task-settings.ts';
import type { IsoTime } from '../time/iso-time.ts';
import { taskStatuses, type TaskStatus } from './task-status.ts';

const branded = <T extends string>() => z.string().min(1) as unknown as z.ZodType<T, string>;
export const isoTimeSchema = z.iso.datetime() as unknown as z.ZodType<IsoTime, string>;

/** What kind of work a task is: new work on a branch of its own, more work on a pull request, or a review that writes nothing. */
export const taskTypes = ['new_task', 'pr_iteration', 'pr_review'] as const;
export type TaskType = (typeof taskTypes)[number];

/** Whether a task of this type may change nothing. */
export function isReadOnly(taskType: TaskType): boolean {
  return taskType === 'pr_review';
}

/** Why a task or session ended badly: a code for programs, a sentence for people. */
export const failureSchema = z.object({
  code: z.enum(Object.keys(errorCodes) as [ErrorCode, ...ErrorCode[]]),
  message: z.string(),
});
export type Failure = z.infer<typeof failureSchema>;

/** What a session reports when it ends. A claim, not evidence: the terminal status is computed from the remote. */
export const sessionResultSchema = z.object({
  outcome: z.enum(['finished', 'capped', 'cancelled', 'failed']),
  failure: failureSchema.optional(),
  headSha: z.string().optional(),
  /** Last commit on the work-in-progress ref of the remote. */
  wipSha: z.string().optional(),
  prNumber: z.number().int().optional(),
  prUrl: z.string().optional(),
  summary: z.string().optional(),
  turns: z.number().int().nonnegative(),
  costUsd: z.number().nonnegative(),
  inputTokens: z.number().int().nonnegative(),
  outputTokens: z.number().int().nonnegative(),
  /** Which model was in use, as it is said to people: `scripted`, `claude-…`. */
  model: z.string().optional(),
});
export type SessionResult = z.infer<typeof sessionResultSchema>;

/** What the remote shows of the work, computed by the orchestrator. See the delivery receipt in docs/architecture.md. */
export const receiptSchema = z.object({
  outcome: z.enum(['delivered', 'no_changes', 'work_saved', 'not_delivered']),
  /** For `not_delivered` and `work_saved`: what is missing. */
  why: z.string().optional(),
  branch: z.string().optional(),
  baseBranch: z.string().optional(),
  baseSha: z.string().optional(),
  headSha: z.string().optional(),
  wipRef: z.string().optional(),
  wipSha: z.string().optional(),
  prUrl: z.string().optional(),
  prNumber: z.number().int().optional(),
  commits: z.number().int().nonnegative(),
  filesChanged: z.number().int().nonnegative(),
  insertions: z.number().int().nonnegative(),
  deletions: z.number().int().nonnegative(),
  model: z.string().optional(),
  /** What the gate denied, asked about and permitted. */
  gate: gateSummarySchema.optional(),
  /** For a task that reviews: where its review is. */
  reviewUrl: z.string().optional(),
  verifiedAt: isoTimeSchema,
});
export type Receipt = z.infer<typeof receiptSchema>;

/** Where an open pull request stands, as a forge found it. */
const pullRequestHeadSchema = z.object({
  number: z.number().int().positive(),
  url: z.string(),
  headBranch: z.string().optional(),
  headSha: z.string(),
  headRef: z.string(),
});

/** A session handle as it is stored: plain JSON whose other fields only the strategy that made it understands. */
export const storedHandleSchema = z.looseObject({ strategyType: z.string(), sessionId: z.string() });
export type StoredHandle = z.infer<typeof storedHandleSchema>;

/** How the last stop of a session ended, or how its end was seen. */
export const sessionStopSchema = z.object({
  /** `ended`: the substrate showed it as over. The end of a `requested` or `failed` one is not proven. */
  outcome: z.enum(['stopped', 'already_gone', 'ended', 'requested', 'failed']),
  provenBy: z.string().optional(),
  /** For `failed`: why. */
  failure: failureSchema.optional(),
  at: isoTimeSchema,
  /** How often the session was to be stopped, this time included. */
  attempts: z.number().int().positive(),
});
export type SessionStop = z.infer<typeof sessionStopSchema>;

/** How often a reconciler set the workflow of a task going again, and when last. */
export const rescueSchema = z.object({ attempts: z.number().int().positive(), at: isoTimeSchema });
export type Rescue = z.infer<typeof rescueSchema>;

/** One unit of work for one repository, from submit to its end. */
export const taskSchema = z.object({
  taskId: branded<TaskId>(),
  userId: branded<UserId>(),
  repo: branded<RepoId>(),
  taskType: z.enum(taskTypes),
  taskDescription: z.string().max(limits.taskDescriptionChars),
  /** As asked for, then as resolved by pre-flight. */
  baseBranch: z.string().optional(),
  issueNumber: z.number().int().positive().optional(),
  prNumber: z.number().int().positive().optional(),
  maxTurns: z.number().int().optional(),
  maxBudgetUsd: z.number().optional(),
  approvalTimeoutS: z.number().int().optional(),
  approvalGateCap: z.number().int().optional(),
  initialApprovals: z.array(z.string()).optional(),

  status: z.enum(taskStatuses as [TaskStatus, ...TaskStatus[]]),
  /** When the task entered its status. */
  statusCreatedAt: isoTimeSchema,
  createdAt: isoTimeSchema,
  updatedAt: isoTimeSchema,
  startedAt: isoTimeSchema.optional(),
  endedAt: isoTimeSchema.optional(),
  /** When the task is ended whatever it does. */
  deadlineAt: isoTimeSchema,
  /** Epoch seconds after which the store may forget the task. Only set on a terminal one. */
  ttl: z.number().int().optional(),

  /** Which session of the task is the valid one. 0 before the first. */
  generation: z.number().int().nonnegative(),
  sessionId: branded<SessionId>().optional(),
  computeType: z.string().optional(),
  sessionHandle: storedHandleSchema.optional(),
  /** When the handle was recorded. Names the entry of the ledger: a stop is noted only in the one that it was for. */
  sessionSince: isoTimeSchema.optional(),
  /** There from the moment the handle is recorded until the end of the session is proven: the index of open sessions is made of it. */
  sessionOpen: z.literal('open').optional(),
  sessionStop: sessionStopSchema.optional(),
  rescue: rescueSchema.optional(),
  /** Until when the session is taken for alive. */
  leaseExpiresAt: isoTimeSchema.optional(),
  /** Durable callback that the session completes when it ends. */
  sessionCallbackId: z.string().optional(),
  /** Durable callback that a freed slot completes. */
  admissionCallbackId: z.string().optional(),
  /** The request that a task in AWAITING_APPROVAL waits for. */
  awaitingApprovalRequestId: branded<RequestId>().optional(),

  /** What the task runs with, resolved once by its workflow. */
  settings: taskSettingsSchema.optional(),
  /** Branch the work is delivered on. Absent for a task that delivers none. */
  branch: z.string().optional(),
  /** The pull request that the task works on, as pre-flight found it. */
  pullRequest: pullRequestHeadSchema.optional(),
  /** For more work on a pull request: the commit that its first session began at. */
  startSha: z.string().optional(),
  result: sessionResultSchema.optional(),
  receipt: receiptSchema.optional(),
  failure: failureSchema.optional(),
});
export type Task = z.infer<typeof taskSchema>;

/** Fields that only a status write sets; no patch may touch them. */
export type StatusField = 'taskId' | 'userId' | 'status' | 'statusCreatedAt' | 'createdAt' | 'updatedAt' | 'ttl';

/** New values for some fields of a task. */
export type TaskPatch = Partial<Omit<Task, StatusField>>;
