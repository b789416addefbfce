import type { RepoId } from '@abca/core';
import type { GitHubClient } from '../client/github-client.ts';
import type { GitHubApi } from '../client/octokit.ts';
import type { RepoAddress } from '../client/repo-address.ts';

/** What is read of, and how much of it is worth reading. */
export interface Reading {
  readonly client: GitHubClient;
  readonly api: GitHubApi;
  readonly address: RepoAddress;
  readonly repo: RepoId;
  /** Characters of the whole budget. */
  readonly chars: number;
}
