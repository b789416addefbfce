import {
  failureSchema,
  gateSummarySchema,
  receiptSchema,
  redactDeep,
  sessionResultSchema,
  taskSchema,
  toWire,
  type Task,
} from '@abca/core';
import { z } from '@hono/zod-openapi';
import { snakeShape } from './snake-shape.ts';

/** Why a task ended badly. */
export const failureWire = z.object(snakeShape(failureSchema.shape)).openapi('Failure');

/** What the gate denied, asked about and permitted. */
export const gateWire = z
  .object({
    ...gateSummarySchema.shape,
    named: z.array(z.object(snakeShape(gateSummarySchema.shape.named.element.shape))),
  })
  .openapi('GateSummary');

/** What the remote shows of a task's work. */
export const receiptWire = z
  .object({ ...snakeShape(receiptSchema.shape), gate: gateWire.optional() })
  .openapi('Receipt');
export type ReceiptView = z.infer<typeof receiptWire>;

/** What a task's session has used, as it reported it at its end. */
export const usageWire = z
  .object(
    snakeShape(
      sessionResultSchema.pick({ turns: true, costUsd: true, inputTokens: true, outputTokens: true, model: true })
        .shape,
    ),
  )
  .openapi('Usage');

/** The session a task has, or had last. */
export const sessionWire = z
  .object({
    id: z.string(),
    compute_type: z.string().optional(),
    lease_expires_at: taskSchema.shape.leaseExpiresAt,
  })
  .openapi('Session');

const plainFields = taskSchema.pick({
  taskId: true,
  repo: true,
  taskType: true,
  taskDescription: true,
  status: true,
  statusCreatedAt: true,
  createdAt: true,
  updatedAt: true,
  startedAt: true,
  endedAt: true,
  deadlineAt: true,
  branch: true,
  baseBranch: true,
  issueNumber: true,
  prNumber: true,
  maxTurns: true,
  maxBudgetUsd: true,
  approvalTimeoutS: true,
  approvalGateCap: true,
  initialApprovals: true,
  awaitingApprovalRequestId: true,
});

/** A task as its owner sees it: nothing that only the platform needs, such as callback ids and handles. */
export const taskWire = z
  .object({
    ...snakeShape(plainFields.shape),
    session: sessionWire.optional(),
    usage: usageWire.optional(),
    /** The agent's own words at its end. */
    summary: z.string().optional(),
    receipt: receiptWire.optional(),
    failure: failureWire.optional(),
  })
  .openapi('Task');
export type TaskView = z.infer<typeof taskWire>;

/**
 * The view of a task. The description is its owner's and stays as it is; what an agent or a remote wrote is redacted.
 * Limits are those the task runs with, once they are resolved.
 */
export function toTaskView(task: Task): TaskView {
  const { settings, result, failure, receipt } = task;
  return toWire({
    ...pickPlain(task),
    maxTurns: settings?.maxTurns ?? task.maxTurns,
    maxBudgetUsd: settings?.maxBudgetUsd ?? task.maxBudgetUsd,
    approvalTimeoutS: settings?.approvalTimeoutS ?? task.approvalTimeoutS,
    approvalGateCap: settings?.approvalGateCap ?? task.approvalGateCap,
    session: task.sessionId && {
      id: task.sessionId,
      computeType: task.computeType,
      leaseExpiresAt: task.leaseExpiresAt,
    },
    usage: result && {
      turns: result.turns,
      costUsd: result.costUsd,
      inputTokens: result.inputTokens,
      outputTokens: result.outputTokens,
      model: result.model,
    },
    summary: redactDeep(result?.summary),
    receipt: redactDeep(receipt),
    failure: redactDeep(failure),
  }) as TaskView;
}

function pickPlain(task: Task): Partial<Task> {
  const names = Object.keys(plainFields.shape) as (keyof Task)[];
  return Object.fromEntries(names.map((name) => [name, task[name]]));
}
