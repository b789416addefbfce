import {
  blueprintSchema,
  fromWire,
  redactDeep,
  repoConfigSchema,
  toWire,
  type Blueprint,
  type RepoConfig,
  type UserId,
} from '@abca/core';
import { z } from '@hono/zod-openapi';
import { findCloneUrlFault } from './clone-url.ts';
import { securityWire } from './security-wire.ts';
import { snakeShape } from './snake-shape.ts';
import { triggersWire } from './triggers-wire.ts';

/** Settings of a repository that differ from the platform's. Names inside `compute` beyond `type` belong to its backend. */
export const blueprintWire = z
  .strictObject({
    ...snakeShape(blueprintSchema.shape),
    security: securityWire.optional(),
    triggers: triggersWire.optional(),
  })
  .openapi('Blueprint');

/** A repository that tasks may be submitted for. */
export const repoWire = z
  .object({ ...snakeShape(repoConfigSchema.omit({ blueprint: true }).shape), blueprint: blueprintWire })
  .openapi('Repo');
export type RepoView = z.infer<typeof repoWire>;

const cloneUrl = z
  .string()
  .min(1)
  .max(2048)
  .superRefine((url, context) => {
    const message = findCloneUrlFault(url);
    if (message !== undefined) context.addIssue({ code: 'custom', message, params: { secret: true } });
  });

/** Body of `POST /v1/repos`. */
export const addRepoWire = z
  .strictObject({
    repo: repoConfigSchema.shape.repo,
    clone_url: cloneUrl,
    forge: repoConfigSchema.shape.forge.default('git'),
    default_branch: z.string().trim().min(1).max(255).optional(),
    blueprint: blueprintWire.default({}),
  })
  .openapi('AddRepo');
export type AddRepoBody = z.input<typeof addRepoWire>;

/** The view of a repository. */
export function toRepoView(repo: RepoConfig): RepoView {
  return redactDeep(toWire(repo)) as RepoView;
}

/** The domain form of a checked blueprint that `caller` sends: what starts on the forge is theirs unless it says whose. */
export function toBlueprint({ triggers, ...others }: z.output<typeof blueprintWire>, caller: UserId): Blueprint {
  return fromWire({ ...others, ...(triggers && { triggers: { run_as: caller, ...triggers } }) }) as Blueprint;
}
