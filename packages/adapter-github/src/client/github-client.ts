import type { CallOptions, Clock, ForgeAccess, ForgeTokens, RepoId } from '@abca/core';
import { RequestError } from '@octokit/request-error';
import { isLimit, mapGitHubError } from './map-github-error.ts';
import { createOctokit, type AuthHook, type GitHubApi, type RetryOptions } from './octokit.ts';
import { webUrlOf } from './repo-address.ts';
import { unlessAborted } from './unless-aborted.ts';

/** What a client works with. */
export interface GitHubClientOptions {
  readonly tokens: ForgeTokens;
  readonly clock: Pick<Clock, 'nowMs' | 'sleep'>;
  /** @default https://api.github.com */
  readonly apiUrl?: string;
  /** Where people and git go. @default the host of `apiUrl` without `api.` */
  readonly webUrl?: string;
  /**
   * Login of the app's bot, or of the token's owner: whose words are the platform's own. Left out: the token's owner as GitHub names
   * them; for a token of an app, which GitHub does not tell its name, any bot.
   */
  readonly self?: (options?: CallOptions) => Promise<string>;
  readonly retry?: RetryOptions;
  /** Longest wait for one verb's calls, milliseconds. @default 60000 */
  readonly timeoutMs?: number;
}

/** What a piece of work on GitHub is for. */
export interface Work {
  readonly repo: RepoId;
  readonly access: ForgeAccess;
  /** Completes `GitHub did not give … of acme/shop`. */
  readonly what: string;
}

/** Access to GitHub for one repository at a time. Holds no connection, and of its state only whose its tokens are. */
export interface GitHubClient {
  readonly webUrl: string;
  readonly clock: Pick<Clock, 'nowMs' | 'sleep'>;
  readonly tokens: ForgeTokens;
  /** Whether `author` is the platform: its words with its mark are its own. `api`: as it is handed out by `run`. */
  isSelf(api: GitHubApi, author: Author | null | undefined, options?: CallOptions): Promise<boolean>;
  /**
   * Do something with the API. Each request carries a token that is good; one that GitHub refuses is replaced once.
   *
   * @throws AbcaError what {@link mapGitHubError} makes of a failure, or the signal's reason
   */
  run<T>(work: Work, act: (api: GitHubApi) => Promise<T>, options?: CallOptions): Promise<T>;
}

/** Somebody as answers show them. */
export interface Author {
  readonly login: string;
  readonly type?: string;
}

export function createGitHubClient(options: GitHubClientOptions): GitHubClient {
  const { tokens, clock, apiUrl = 'https://api.github.com', self } = options;
  let owner: Owner | undefined;
  return {
    webUrl: options.webUrl ?? webUrlOf(apiUrl),
    clock,
    tokens,
    isSelf: async (api, author, call) => {
      if (self !== undefined) return author?.login === (await self(call));
      owner ??= await askOwner(api);
      return owner.kind === 'person' ? author?.login === owner.login : author?.type === 'Bot';
    },
    run: async (work, act, { signal } = {}) => {
      signal?.throwIfAborted();
      const bound = AbortSignal.timeout(options.timeoutMs ?? 60_000);
      const inner = signal === undefined ? bound : AbortSignal.any([signal, bound]);
      const strategy = tokenStrategy(tokens, work, inner);
      const api = createOctokit({ apiUrl, auth: { strategy }, retry: options.retry ?? {}, signal: inner });
      try {
        return await unlessAborted(act(api), inner);
      } catch (error) {
        signal?.throwIfAborted();
        throw mapGitHubError(bound.aborted ? noAnswer(error) : error, { ...work, nowMs: clock.nowMs() });
      }
    },
  };
}

/** Whose a token is: GitHub names a person, and tells an app nothing of itself. */
type Owner = { readonly kind: 'person'; readonly login: string } | { readonly kind: 'app' };

async function askOwner(api: GitHubApi): Promise<Owner> {
  try {
    return { kind: 'person', login: (await api.request('GET /user')).data.login };
  } catch (error) {
    if (error instanceof RequestError && error.status === 403 && !isLimit(error)) return { kind: 'app' };
    throw error;
  }
}

/** What is thrown is mapped: only the failure of GitHub to answer in time looks like none. */
function noAnswer(error: unknown): unknown {
  const request = { method: 'GET' as const, url: '', headers: {} };
  return error instanceof RequestError ? error : new RequestError('no answer in time', 500, { request });
}

/** Octokit's way to be told who it is: a strategy whose hook sees every request. */
function tokenStrategy(tokens: ForgeTokens, work: Work, signal: AbortSignal): unknown {
  const ask = async (refuse?: string): Promise<string> => {
    const wanted = { repo: work.repo, access: work.access, ...(refuse !== undefined && { refuse }) };
    return (await tokens.get(wanted, { signal })).token;
  };
  const hook: AuthHook = async (request, options) => {
    const token = await ask();
    options.headers['authorization'] = `token ${token}`;
    try {
      return await request(options);
    } catch (error) {
      if (!(error instanceof RequestError) || error.status !== 401) throw error;
      options.headers['authorization'] = `token ${await ask(token)}`;
      return request(options);
    }
  };
  return () => Object.assign(() => Promise.resolve({}), { hook });
}
