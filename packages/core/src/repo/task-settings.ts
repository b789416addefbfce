import * as z from 'zod';
import { cedarPoliciesSchema } from '../policy/security.ts';
import { forgeTypes } from '../ports/forge.ts';

/** Schema of {@link TaskSettings}. */
export const taskSettingsSchema = z.object({
  computeType: z.string(),
  compute: z.record(z.string(), z.unknown()),
  cloneUrl: z.string(),
  forge: z.enum(forgeTypes),
  baseBranch: z.string().optional(),
  protectedBranches: z.array(z.string()),
  pullRequest: z.object({ draft: z.boolean() }).optional(),
  maxTurns: z.number().int(),
  maxBudgetUsd: z.number(),
  approvalGateCap: z.number().int(),
  approvalTimeoutS: z.number().int(),
  /** The repository's policies as they were when the workflow started. */
  cedarPolicies: cedarPoliciesSchema.optional(),
});

/** The settings one task runs with. Resolved once, when its workflow starts. */
export type TaskSettings = z.infer<typeof taskSettingsSchema>;
