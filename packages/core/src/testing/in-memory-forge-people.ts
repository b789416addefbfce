import type { RepoId } from '../ids/ids.ts';
import type { CallOptions } from '../ports/call-options.ts';
import type { ForgePeople, ForgePermission } from '../ports/forge-people.ts';
import type { ForgeRepo } from '../ports/forge.ts';

/** {@link ForgePeople} in memory. Logins are the same in any case; who was never granted anything may do nothing. */
export class InMemoryForgePeople implements ForgePeople {
  readonly #granted = new Map<string, ForgePermission>();

  grant(repo: RepoId, login: string, permission: ForgePermission): void {
    this.#granted.set(keyOf(repo, login), permission);
  }

  async permissionOf(
    { repo, login }: ForgeRepo & { readonly login: string },
    options: CallOptions = {},
  ): Promise<ForgePermission> {
    options.signal?.throwIfAborted();
    return this.#granted.get(keyOf(repo, login)) ?? 'none';
  }
}

function keyOf(repo: RepoId, login: string): string {
  return `${repo} ${login.toLowerCase()}`;
}
