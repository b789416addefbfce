import * as z from 'zod';
import type { RepoId, RequestId, TaskId, UserId } from '../ids/ids.ts';
import { toolGroups } from '../policy/policy-types.ts';
import { severities } from '../policy/rule.ts';
import { isoTimeSchema } from '../task/task.ts';

const branded = <T extends string>() => z.string().min(1) as unknown as z.ZodType<T, string>;

/**
 * Where a request stands. Every status but PENDING is final. STRANDED: the task ended while it was open; nobody acts on it
 * any more.
 */
export const approvalStatuses = ['PENDING', 'APPROVED', 'DENIED', 'TIMED_OUT', 'STRANDED'] as const;
export type ApprovalStatus = (typeof approvalStatuses)[number];

const subjectSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('call') }),
  z.object({ kind: z.literal('command') }),
  z.object({ kind: z.literal('write'), path: z.string() }),
]);

/** One request for a person's approval of one tool call. What is stored of the call is redacted. */
export const approvalSchema = z.object({
  taskId: branded<TaskId>(),
  requestId: branded<RequestId>(),
  userId: branded<UserId>(),
  repo: branded<RepoId>(),
  status: z.enum(approvalStatuses),
  toolName: z.string(),
  /** SHA-256 of the canonical input, 64 hex digits: an approval holds for these arguments and no others. */
  inputSha256: z.string(),
  /** The whole call for a person to read, cut only where it is longer than `limits.approvalInputChars`. */
  input: z.string(),
  /** One line of it. */
  inputPreview: z.string(),
  /** Why it is asked. */
  reason: z.string(),
  severity: z.enum(severities),
  matchingRuleIds: z.array(z.string()),
  timeoutS: z.number().int(),
  /** Scopes that would permit the call, the narrowest first. */
  suggestedScopes: z.array(z.string()),
  /** How the call was read, against which the scope of an approval is held. */
  judged: z.object({
    toolGroup: z.enum(toolGroups).optional(),
    resolved: z.boolean(),
    commands: z.array(z.string()),
    matches: z.array(z.object({ ruleId: z.string(), subjects: z.array(subjectSchema) })),
  }),
  createdAt: isoTimeSchema,
  expiresAt: isoTimeSchema,
  decidedAt: isoTimeSchema.optional(),
  /** For APPROVED: what else is permitted from now on. */
  scope: z.string().optional(),
  /** For DENIED: what the person said, redacted. */
  denyReason: z.string().optional(),
  /** Epoch seconds after which the store may forget it. */
  ttl: z.number().int(),
});
export type Approval = z.infer<typeof approvalSchema>;

/** What a list of open requests shows of each: nothing that only a decision has. */
export const pendingApprovalSchema = approvalSchema.omit({
  denyReason: true,
  scope: true,
  inputSha256: true,
  judged: true,
  decidedAt: true,
});
export type PendingApproval = z.infer<typeof pendingApprovalSchema>;
