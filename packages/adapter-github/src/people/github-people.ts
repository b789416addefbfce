import type { CallOptions, ForgePeople, ForgePermission, ForgeRepo } from '@abca/core';
import type { GitHubClient } from '../client/github-client.ts';
import { unlessMissing } from '../client/not-found.ts';
import { parseRepoAddress } from '../client/repo-address.ts';

/** A login of GitHub, bots' with their ending. What is none is not asked for: it may be a path. */
const loginPattern = /^[A-Za-z0-9](?:[A-Za-z0-9-]{0,38})(?:\[bot\])?$/;

/** {@link ForgePeople} on GitHub. Asks each time: a permission that was taken away counts at once. */
export class GitHubPeople implements ForgePeople {
  readonly #client: GitHubClient;

  constructor(client: GitHubClient) {
    this.#client = client;
  }

  async permissionOf(
    query: ForgeRepo & { readonly login: string },
    options: CallOptions = {},
  ): Promise<ForgePermission> {
    const { repo, login } = query;
    const address = parseRepoAddress(query, this.#client.webUrl);
    if (!loginPattern.test(login)) return 'none';
    const work = { repo, access: 'read', what: `what ${login} may do` } as const;
    return this.#client.run(
      work,
      async (api) => {
        const call = api.request('GET /repos/{owner}/{repo}/collaborators/{username}/permission', {
          ...address,
          username: login,
        });
        return parsePermission((await unlessMissing(call))?.data.permission);
      },
      options,
    );
  }
}

/** GitHub names `maintain` as `write` and `triage` as `read` here. @see https://docs.github.com/rest/collaborators/collaborators */
function parsePermission(permission: string | undefined): ForgePermission {
  if (permission === 'admin' || permission === 'write') return 'write';
  return permission === 'read' ? 'read' : 'none';
}
