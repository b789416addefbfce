import {
  AbcaError,
  parseIso,
  type CallOptions,
  type Clock,
  type ForgeAccess,
  type ForgeToken,
  type RepoId,
} from '@abca/core';
import { createAppAuth } from '@octokit/auth-app';
import { mapGitHubError } from '../client/map-github-error.ts';
import { createOctokit, type AnswerOf, type GitHubApi, type RetryOptions } from '../client/octokit.ts';
import { unlessAborted } from '../client/unless-aborted.ts';
import { permissionsFor } from './access-permissions.ts';
import { signAppJwt } from './app-jwt.ts';
import { defaultMinRemainingMs, type GitHubTokens } from './github-tokens.ts';

export interface AppTokensOptions {
  readonly appId: string | number;
  /** PEM, as GitHub hands it out. */
  readonly privateKey: string;
  readonly clock: Pick<Clock, 'nowMs'>;
  /** @default https://api.github.com */
  readonly apiUrl?: string;
  readonly retry?: RetryOptions;
}

interface Request {
  readonly repo: RepoId;
  readonly access: ForgeAccess;
  readonly minRemainingMs?: number;
  readonly refuse?: string;
}

/** Longest wait for the calls that make a token, milliseconds. */
const mintMs = 20_000;

/**
 * {@link GitHubTokens} of a GitHub App: each is made on demand for one repository, with no more permissions than its access
 * needs, lives an hour, and is used again until it is about to end. Callers who ask at once share one.
 */
export class AppForgeTokens implements GitHubTokens {
  readonly #options: AppTokensOptions;
  readonly #tokens = new Map<string, ForgeToken & { readonly expiresAtMs: number }>();
  readonly #minting = new Map<string, Promise<ForgeToken & { readonly expiresAtMs: number }>>();
  #login: string | undefined;

  constructor(options: AppTokensOptions) {
    this.#options = options;
  }

  async get(request: Request, { signal }: CallOptions = {}): Promise<ForgeToken> {
    signal?.throwIfAborted();
    const key = `${request.access} ${request.repo.toLowerCase()}`;
    const known = this.#tokens.get(key);
    const neededUntilMs = this.#options.clock.nowMs() + (request.minRemainingMs ?? defaultMinRemainingMs);
    if (known !== undefined && known.token !== request.refuse && known.expiresAtMs > neededUntilMs) return known;
    return unlessAborted(this.#mintOnce(key, request), signal);
  }

  async login({ signal }: CallOptions = {}): Promise<string> {
    signal?.throwIfAborted();
    this.#login ??= await this.#asApp('the app' as RepoId, async (api) => {
      const { data } = await api.request('GET /app');
      return `${data?.slug ?? ''}[bot]`;
    });
    return this.#login;
  }

  /** Not ended by one caller's signal: others wait for the same token. */
  #mintOnce(key: string, request: Request): Promise<ForgeToken & { readonly expiresAtMs: number }> {
    const running = this.#minting.get(key);
    if (running !== undefined) return running;
    const minting = this.#mint(request)
      .then((token) => {
        this.#tokens.set(key, token);
        return token;
      })
      .finally(() => this.#minting.delete(key));
    this.#minting.set(key, minting);
    return minting;
  }

  #mint({ repo, access }: Request): Promise<ForgeToken & { readonly expiresAtMs: number }> {
    const [owner = '', name = ''] = repo.split('/');
    return this.#asApp(repo, async (api) => {
      const installation = await findInstallation(api, owner, name);
      if (installation === undefined) {
        const what = `the app is not installed on ${repo}, or there is no such repository`;
        throw new AbcaError('FORGE_ACCESS_DENIED', `${what}; install it there, and check the name`, {
          details: { status: 404 },
        });
      }
      if (installation.suspended_at !== null) {
        throw new AbcaError('FORGE_ACCESS_DENIED', `the app's installation on ${owner} is suspended; unsuspend it`, {
          details: { status: 403 },
        });
      }
      const { data } = await api.request('POST /app/installations/{installation_id}/access_tokens', {
        installation_id: installation.id,
        repositories: [name],
        permissions: permissionsFor(access, { ...installation.permissions }, repo),
      });
      return { token: data.token, expiresAtMs: parseIso(data.expires_at) };
    });
  }

  async #asApp<T>(repo: RepoId, act: (api: GitHubApi) => Promise<T>): Promise<T> {
    const { appId, privateKey, clock, apiUrl = 'https://api.github.com', retry = {} } = this.#options;
    // Told only after GitHub said that our clock is wrong: by how much it is ahead of this machine's, in seconds.
    const createJwt = (_id: unknown, aheadS?: number): Promise<{ jwt: string; expiresAt: string }> => {
      const nowMs = aheadS === undefined ? clock.nowMs() : Date.now() + aheadS * 1000;
      return Promise.resolve(signAppJwt({ appId: String(appId), privateKey }, Math.floor(nowMs / 1000)));
    };
    const auth = { strategy: createAppAuth, options: { appId, createJwt } };
    const api = createOctokit({ apiUrl, auth, retry, signal: AbortSignal.timeout(mintMs) });
    try {
      return await act(api);
    } catch (error) {
      throw mapGitHubError(error, { what: 'a token', repo, nowMs: clock.nowMs() });
    }
  }
}

type Installation = AnswerOf<'GET /repos/{owner}/{repo}/installation'>;

async function findInstallation(api: GitHubApi, owner: string, repo: string): Promise<Installation | undefined> {
  try {
    return (await api.request('GET /repos/{owner}/{repo}/installation', { owner, repo })).data;
  } catch (error) {
    if ((error as { readonly status?: number }).status === 404) return undefined;
    throw error;
  }
}
