import * as z from 'zod';
import type { RepoId } from '../ids/ids.ts';
import { limits } from '../limits.ts';
import { forgeTypes } from '../ports/forge.ts';
import { securitySchema } from '../policy/security.ts';
import { isoTimeSchema } from '../task/task.ts';
import { triggersSchema } from '../triggers/triggers.ts';

const repoIdPattern = /^[A-Za-z0-9][A-Za-z0-9._-]{0,99}\/[A-Za-z0-9._-]{1,100}$/;

/** `owner/name`: what people call a repository by. */
export const repoIdSchema = z
  .string()
  .regex(repoIdPattern, 'must be owner/name, such as acme/shop') as unknown as z.ZodType<RepoId, string>;

/** The settings of a repository that may differ from the platform's: its blueprint. */
export const blueprintSchema = z.object({
  compute: z
    .object({ type: z.string().min(1) })
    .catchall(z.unknown())
    .optional(),
  maxTurns: z.number().int().min(limits.maxTurns.min).max(limits.maxTurns.max).optional(),
  maxBudgetUsd: z.number().min(limits.maxBudgetUsd.min).max(limits.maxBudgetUsd.max).optional(),
  security: securitySchema.optional(),
  /** Branches that a task may not be based on or deliver to. */
  protectedBranches: z.array(z.string().min(1)).optional(),
  /** How pull requests are opened. `draft`: as drafts, where the forge has such a thing. */
  pullRequest: z.strictObject({ draft: z.boolean() }).optional(),
  /** What people may start tasks with on the forge, and as whom. Without it nothing there starts one. */
  triggers: triggersSchema.optional(),
});
export type Blueprint = z.infer<typeof blueprintSchema>;

/** A repository that tasks may be submitted for. Validated whenever it is read. */
export const repoConfigSchema = z.object({
  repo: repoIdSchema,
  status: z.enum(['active', 'removed']),
  forge: z.enum(forgeTypes),
  /** What `git clone` takes. Never holds credentials. */
  cloneUrl: z.string().min(1),
  defaultBranch: z.string().min(1).optional(),
  blueprint: blueprintSchema,
  createdAt: isoTimeSchema,
  updatedAt: isoTimeSchema,
});
export type RepoConfig = z.infer<typeof repoConfigSchema>;
