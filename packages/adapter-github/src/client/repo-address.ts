import { AbcaError, type ForgeRepo } from '@abca/core';

/** A repository as GitHub's API takes it. */
export interface RepoAddress {
  readonly owner: string;
  readonly repo: string;
}

/** Where the web of the GitHub is whose API is at `apiUrl`. */
export function webUrlOf(apiUrl: string): string {
  const url = new URL(apiUrl);
  if (url.hostname.startsWith('api.')) return `${url.protocol}//${url.host.slice('api.'.length)}`;
  return `${url.protocol}//${url.host}`;
}

/**
 * The address of a repository. Its name and its clone URL must say the same: tokens are made for the one, git goes to the other.
 *
 * @throws AbcaError NOT_A_REPOSITORY
 */
export function parseRepoAddress({ repo, cloneUrl }: ForgeRepo, webUrl: string): RepoAddress {
  const [owner = '', name = ''] = repo.split('/');
  const expected = `${webUrl}/${owner}/${name}`;
  const given = cloneUrl
    .replace(/^(?:ssh:\/\/)?git@([^:/]+)[:/]/, `${new URL(webUrl).protocol}//$1/`)
    .replace(/\/$/, '')
    .replace(/\.git$/, '');
  if (given.toLowerCase() === expected.toLowerCase()) return { owner, repo: name };
  const what = `address of the repository is not that of ${repo} on ${webUrl}`;
  throw new AbcaError('NOT_A_REPOSITORY', `${what}; onboard it with ${expected}.git`);
}
