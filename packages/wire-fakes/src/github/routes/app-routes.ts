import { ApiError, notFound } from '../wire/api-error.ts';
import { created, ok, type Answer, type Call } from '../wire/call.ts';
import type { Installation } from '../world/app.ts';
import { holds, type Level, type Permissions } from '../world/tokens.ts';
import type { World } from '../world/world.ts';
import { isoOf, renderAccount, renderRepository } from './render.ts';

/** Life of an installation token. @see https://docs.github.com/rest/apps/apps#create-an-installation-access-token-for-an-app */
const installationTokenMs = 60 * 60 * 1000;

export function getApp({ world }: Call): Answer {
  const { appId: id, slug } = world.app;
  const owner = renderAccount(world, world.people.account('abca-makers', 'Organization'));
  return ok({ id, slug, node_id: 'A_1', name: slug, owner, permissions: {}, events: [] });
}

export function getUser({ world, caller }: Call): Answer {
  if (caller.kind === 'app' || caller.token.kind === 'installation') {
    throw new ApiError(403, 'Resource not accessible by integration');
  }
  return ok(renderAccount(world, caller.token.account));
}

export function getRepoInstallation({ world, path }: Call): Answer {
  const fullName = `${path['owner'] ?? ''}/${path['repo'] ?? ''}`;
  const installation = world.app.installations.find((one) => reaches(world, one, fullName));
  if (installation === undefined) throw notFound();
  return ok(renderInstallation(world, installation));
}

export function createToken({ world, path, body }: Call): Answer {
  const installation = world.app.installations.find(({ id }) => id === Number(path['installation_id']));
  if (installation === undefined) throw notFound();
  if (installation.suspended) throw new ApiError(403, 'This installation has been suspended');
  const repositories = (body['repositories'] as readonly string[] | undefined)?.map((name) => {
    const fullName = `${installation.account}/${name}`;
    if (reaches(world, installation, fullName)) return fullName;
    const what =
      'There is at least one repository that does not exist or is not accessible to the parent installation.';
    throw new ApiError(422, what);
  });
  const permissions = narrow(installation.permissions, body['permissions'] as Permissions | undefined);
  const nowMs = world.clock.nowMs();
  const token = world.tokens.issue({
    kind: 'installation',
    account: world.appAccount,
    repositories: repositories ?? (installation.repositories === 'all' ? 'all' : installation.repositories),
    permissions,
    createdAtMs: nowMs,
    expiresAtMs: nowMs + installationTokenMs,
  });
  return created({
    token: token.token,
    expires_at: isoOf(nowMs + installationTokenMs),
    permissions,
    repository_selection: repositories === undefined ? selectionOf(installation) : 'selected',
    ...(repositories && {
      repositories: repositories.flatMap((name) => {
        const repository = world.findRepository(name);
        return repository === undefined ? [] : [renderRepository(world, repository, undefined)];
      }),
    }),
  });
}

function narrow(granted: Permissions, asked: Permissions | undefined): Permissions {
  if (asked === undefined) return granted;
  const all = Object.entries(asked) as [string, Level][];
  if (all.every(([name, level]) => holds(granted, [[name, level]]))) return { ...asked };
  throw new ApiError(422, 'The permissions requested are not granted to this installation.');
}

function reaches(world: World, installation: Installation, fullName: string): boolean {
  const repository = world.findRepository(fullName);
  if (repository === undefined || repository.owner.toLowerCase() !== installation.account.toLowerCase()) return false;
  const { repositories } = installation;
  return repositories === 'all' || repositories.some((one) => one.toLowerCase() === fullName.toLowerCase());
}

function selectionOf({ repositories }: Installation): 'all' | 'selected' {
  return repositories === 'all' ? 'all' : 'selected';
}

function renderInstallation(world: World, installation: Installation): Readonly<Record<string, unknown>> {
  const account = renderAccount(world, world.people.account(installation.account, 'Organization'));
  return {
    id: installation.id,
    account,
    app_id: world.app.appId,
    app_slug: world.app.slug,
    target_type: 'Organization',
    permissions: installation.permissions,
    repository_selection: selectionOf(installation),
    events: [],
    suspended_at: installation.suspended ? isoOf(world.clock.nowMs()) : null,
  };
}
