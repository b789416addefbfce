import { AbcaError, formatIso, getStrategy, repoIdSchema, type RepoConfig, type UserId } from '@abca/core';
import type { z } from '@hono/zod-openapi';
import type { ApiDeps } from '../api-deps.ts';
import { ApiProblem } from '../errors/api-problem.ts';
import type { Api } from '../http/api-app.ts';
import { paginationOf } from '../wire/envelope.ts';
import { toBlueprint, toRepoView, type addRepoWire } from '../wire/repo-wire.ts';
import { addRepoRoute, getRepoRoute, listReposRoute, removeRepoRoute } from './repo-routes.ts';

/** Onboarding: add or replace, list, get and remove repositories. */
export function addRepoRoutes(app: Api, deps: ApiDeps): void {
  app.openapi(addRepoRoute, async (c) => {
    const body = c.req.valid('json');
    assertCompute(deps, body);
    const before = await deps.repos.find(body.repo);
    const caller = c.get('userId');
    const config = toRepoConfig(body, before, { caller, nowMs: deps.clock.nowMs() });
    await assertRunAs(deps, { caller, config, before });
    await assertPolicies(deps, config);
    await deps.repos.put(config);
    const data = toRepoView(config);
    if (before?.status === 'active') return c.json({ data }, 200);
    return c.json({ data }, 201, { Location: `/v1/repos/${config.repo}` });
  });

  app.openapi(listReposRoute, async (c) => {
    const { limit, next_token } = c.req.valid('query');
    const page = await deps.repos.list({ limit, ...(next_token !== undefined && { nextToken: next_token }) });
    return c.json({ data: page.repos.map(toRepoView), pagination: paginationOf(page.nextToken) }, 200);
  });

  app.openapi(getRepoRoute, async (c) => {
    return c.json({ data: toRepoView(await getActive(deps, c.req.valid('param'))) }, 200);
  });

  app.openapi(removeRepoRoute, async (c) => {
    const found = await getActive(deps, c.req.valid('param'));
    const removed: RepoConfig = { ...found, status: 'removed', updatedAt: formatIso(deps.clock.nowMs()) };
    await deps.repos.put(removed);
    return c.json({ data: toRepoView(removed) }, 200);
  });
}

/** A compute type that nobody runs would fail every task of the repository, one by one. */
function assertCompute({ strategies }: ApiDeps, { blueprint }: z.output<typeof addRepoWire>): void {
  const type = blueprint.compute?.type;
  if (type !== undefined) getStrategy(strategies, type);
}

/** Policies that do not load would keep every task of the repository from starting. @throws AbcaError POLICY_INVALID */
async function assertPolicies({ policies }: ApiDeps, { blueprint }: RepoConfig): Promise<void> {
  const own = blueprint.security?.cedarPolicies;
  if (own !== undefined) await policies.load(own);
}

/**
 * Nobody but an operator lets what happens on the forge run as somebody else; who it was set to before may stay.
 *
 * @throws AbcaError FORBIDDEN
 */
async function assertRunAs(
  { isOperator }: ApiDeps,
  {
    caller,
    config,
    before,
  }: { readonly caller: UserId; readonly config: RepoConfig; readonly before: RepoConfig | undefined },
): Promise<void> {
  const runAs = config.blueprint.triggers?.runAs;
  const stays = before?.status === 'active' ? before.blueprint.triggers?.runAs : undefined;
  if (runAs === undefined || runAs === caller || runAs === stays) return;
  if ((await isOperator?.(caller)) === true) return;
  throw new AbcaError('FORBIDDEN', 'triggers.run_as names somebody else, which only an operator may; leave it out');
}

/** Rules are not lost with an address that is corrected: a blueprint that says nothing of security leaves it as it is. */
function toRepoConfig(
  body: z.output<typeof addRepoWire>,
  before: RepoConfig | undefined,
  { caller, nowMs }: { readonly caller: UserId; readonly nowMs: number },
): RepoConfig {
  const now = formatIso(nowMs);
  const security = before?.blueprint.security;
  return {
    repo: body.repo,
    status: 'active',
    forge: body.forge,
    cloneUrl: body.clone_url,
    ...(body.default_branch !== undefined && { defaultBranch: body.default_branch }),
    blueprint: { ...(security && { security }), ...toBlueprint(body.blueprint, caller) },
    createdAt: before?.createdAt ?? now,
    updatedAt: now,
  };
}

/** A repository that takes tasks. @throws ApiProblem REPO_NOT_FOUND */
export async function getActive(
  { repos }: ApiDeps,
  { owner, name }: { readonly owner: string; readonly name: string },
): Promise<RepoConfig> {
  const id = repoIdSchema.safeParse(`${owner}/${name}`);
  const found = id.success ? await repos.find(id.data) : undefined;
  if (found?.status === 'active') return found;
  throw new ApiProblem('REPO_NOT_FOUND', `repository ${owner}/${name} has not been added; see: bgagent repo list`);
}
