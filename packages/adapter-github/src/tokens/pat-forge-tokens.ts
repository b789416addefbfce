import { AbcaError, type CallOptions, type Clock, type ForgeToken, type RepoId } from '@abca/core';
import { mapGitHubError } from '../client/map-github-error.ts';
import { createOctokit, type RetryOptions } from '../client/octokit.ts';
import type { GitHubTokens } from './github-tokens.ts';

export interface PatOptions {
  /** A personal access token, fine-grained or classic. It cannot be narrowed here: what it may do is its owner's choice. */
  readonly token: string;
  readonly clock: Pick<Clock, 'nowMs'>;
  /** @default https://api.github.com */
  readonly apiUrl?: string;
  readonly retry?: RetryOptions;
}

/** {@link GitHubTokens} of one person: the same token for everything. */
export class PatForgeTokens implements GitHubTokens {
  readonly #options: PatOptions;
  #login: string | undefined;

  constructor(options: PatOptions) {
    this.#options = options;
  }

  get(request: { readonly repo: RepoId; readonly refuse?: string }, { signal }: CallOptions = {}): Promise<ForgeToken> {
    if (signal?.aborted === true) return Promise.reject(signal.reason as Error);
    const { token } = this.#options;
    if (request.refuse !== token) return Promise.resolve({ token });
    const what = `GitHub refused the personal access token for ${request.repo}: it is revoked or has expired`;
    return Promise.reject(new AbcaError('FORGE_ACCESS_DENIED', `${what}; make a new one`));
  }

  async login({ signal }: CallOptions = {}): Promise<string> {
    signal?.throwIfAborted();
    this.#login ??= await this.#askLogin(signal);
    return this.#login;
  }

  async #askLogin(signal = AbortSignal.timeout(20_000)): Promise<string> {
    const { token, apiUrl = 'https://api.github.com', retry = {}, clock } = this.#options;
    const hook = (
      request: (options: { headers: Record<string, unknown> }) => Promise<unknown>,
      options: { headers: Record<string, unknown> },
    ): Promise<unknown> => {
      options.headers['authorization'] = `token ${token}`;
      return request(options);
    };
    const strategy = (): unknown => Object.assign(() => Promise.resolve({}), { hook });
    const api = createOctokit({ apiUrl, auth: { strategy }, retry, signal });
    try {
      return (await api.request('GET /user')).data.login;
    } catch (error) {
      signal.throwIfAborted();
      const repo = 'the account' as RepoId;
      throw mapGitHubError(error, { what: 'the owner of the token', repo, nowMs: clock.nowMs() });
    }
  }
}
