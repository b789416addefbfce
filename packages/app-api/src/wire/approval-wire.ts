import { approvalSchema, limits, parseScope, pendingApprovalSchema, redactDeep, toWire } from '@abca/core';
import type { Approval, PendingApproval } from '@abca/core';
import { z } from '@hono/zod-openapi';
import { snakeShape } from './snake-shape.ts';

/** Longest reason that is read. What is stored of it is redacted first, then cut to `limits.denyReasonChars.stored`. */
const readReasonChars = 20_000;

const requestId = z
  .string()
  .min(1)
  .max(128)
  .openapi({ description: 'From the list of open requests, or from the event `approval_requested`.' });

/** Whether a text is a scope at all; whether it fits the request is core's to say. */
const scope = z
  .string()
  .superRefine((text, context) => {
    try {
      parseScope(text);
    } catch (error) {
      context.addIssue({ code: 'custom', message: (error as Error).message });
    }
  })
  .openapi({
    maxLength: limits.initialApprovals.chars,
    description: 'What else is permitted for the rest of the session. Default: `this_call`, which is this call alone.',
    example: 'rule:force_push_any',
  });

/** Body of `POST /v1/tasks/{task_id}/approve`. */
export const approveWire = z.strictObject({ request_id: requestId, scope: scope.optional() }).openapi('Approve');
export type ApproveBody = z.input<typeof approveWire>;

/** Body of `POST /v1/tasks/{task_id}/deny`. */
export const denyWire = z
  .strictObject({ request_id: requestId, reason: z.string().max(readReasonChars).optional() })
  .openapi('Deny');
export type DenyBody = z.input<typeof denyWire>;

/** What was decided. What a person said with it is for the agent and is not repeated. */
export const decisionWire = z
  .object({
    task_id: approvalSchema.shape.taskId,
    request_id: approvalSchema.shape.requestId,
    status: z.enum(['APPROVED', 'DENIED']),
    /** For APPROVED: what else is permitted from now on, as the session reads it. */
    scope: approvalSchema.shape.scope,
    decided_at: approvalSchema.shape.createdAt,
  })
  .openapi('Decision');
export type DecisionView = z.infer<typeof decisionWire>;

/** The view of a decided request. */
export function toDecisionView({ taskId, requestId: id, status, scope: given, decidedAt }: Approval): DecisionView {
  return decisionWire.parse(toWire({ taskId, requestId: id, status, scope: given, decidedAt }));
}

const pendingFields = pendingApprovalSchema.omit({ ttl: true, userId: true });

/** A request of the caller that waits for a decision until `expires_at`. */
export const pendingWire = z.object(snakeShape(pendingFields.shape)).openapi('PendingApproval');
export type PendingView = z.infer<typeof pendingWire>;

/** The view of an open request. */
export function toPendingView(approval: PendingApproval): PendingView {
  const names = Object.keys(pendingFields.shape) as (keyof PendingApproval)[];
  const fields = Object.fromEntries(names.map((name) => [name, approval[name]]));
  return redactDeep(toWire(fields)) as PendingView;
}
