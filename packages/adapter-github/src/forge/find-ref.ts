import type { GitHubApi } from '../client/octokit.ts';
import { unlessMissing } from '../client/not-found.ts';
import type { RepoAddress } from '../client/repo-address.ts';

/** Sha of a ref, by its full name; `undefined` when it is not there. */
export async function findRef(api: GitHubApi, address: RepoAddress, ref: string): Promise<string | undefined> {
  const name = ref.replace(/^refs\//, '');
  const found = await unlessMissing(api.request('GET /repos/{owner}/{repo}/git/ref/{ref}', { ...address, ref: name }));
  return found?.data.object.sha;
}
