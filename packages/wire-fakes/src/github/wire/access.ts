import type { Route } from '../routes/routes.ts';
import { checkJwt } from '../world/app.ts';
import type { Repository } from '../world/repository.ts';
import { holds, type IssuedToken } from '../world/tokens.ts';
import type { World } from '../world/world.ts';
import { ApiError, notFound } from './api-error.ts';
import type { Caller } from './call.ts';

const badCredentials = (): ApiError => new ApiError(401, 'Bad credentials');

/** Who calls, by the header. @throws ApiError 401 */
export function identify(world: World, authorization: string | undefined): Caller {
  const [scheme = '', text = ''] = (authorization ?? '').split(' ');
  if (authorization === undefined) throw new ApiError(401, 'Requires authentication');
  const nowMs = world.clock.nowMs();
  if (text.split('.').length === 3) {
    checkJwt(world.app, text, Math.floor(nowMs / 1000));
    return { kind: 'app' };
  }
  const known = ['token', 'bearer'].includes(scheme.toLowerCase());
  const token = known ? world.tokens.findLive(text, nowMs) : undefined;
  if (token === undefined) throw badCredentials();
  return { kind: 'token', token };
}

/** The repository a token is used on. @throws ApiError 404 when it may not be seen, 403 when it may not be used like this */
export function admit(
  world: World,
  token: IssuedToken,
  call: { readonly fullName: string; readonly needs: Extract<Route, { by: 'token' }>['needs'] },
): Repository {
  const repository = world.findRepository(call.fullName);
  if (repository === undefined || !reaches(world, token, repository)) throw notFound();
  if (!holds({ metadata: 'read', ...token.permissions }, call.needs)) {
    const accepted = call.needs.map(([name, level]) => `${name}=${level}`).join('; ');
    throw new ApiError(403, `Resource not accessible by ${by(token)}`, {
      headers: { 'x-accepted-github-permissions': accepted },
    });
  }
  const writes = call.needs.some(([, level]) => level === 'write');
  if (writes && repository.archived) {
    throw new ApiError(403, 'Repository was archived so is read-only.');
  }
  return repository;
}

function reaches(world: World, token: IssuedToken, repository: Repository): boolean {
  if (!repository.private) return true;
  if (token.kind === 'personal' && world.people.permissionOf(token.account.login, repository.fullName) === 'none') {
    return false;
  }
  const { repositories } = token;
  return repositories === 'all' || repositories.some((one) => one.toLowerCase() === repository.fullName.toLowerCase());
}

function by(token: IssuedToken): string {
  return token.kind === 'installation' ? 'integration' : 'personal access token';
}
