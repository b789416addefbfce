import { Octokit } from '@octokit/core';
import type { Endpoints } from '@octokit/types';
import { paginateRest } from '@octokit/plugin-paginate-rest';
import { retry } from '@octokit/plugin-retry';
import { throttling } from '@octokit/plugin-throttling';

/** How failures of GitHub are met inside of one call of ours. */
export interface RetryOptions {
  /** Repetitions of a reading or editing call after a failure of GitHub's. @default 2 */
  readonly retries?: number;
  /** Before the first repetition, milliseconds; four times, nine times as long later. @default 500 */
  readonly baseMs?: number;
  /** A limit that ends within this is waited for, milliseconds; a longer one is an error at once. @default 5000 */
  readonly longestWaitMs?: number;
}

const AbcaOctokit = Octokit.plugin(paginateRest, retry, throttling);
/** Octokit with the plugins that ABCA uses. */
export type GitHubApi = InstanceType<typeof AbcaOctokit>;

/** What GitHub answers to an endpoint, by its route. Called by routes, and not by names, as the table of names weighs 85 KB. */
export type AnswerOf<Route extends keyof Endpoints> = Endpoints[Route]['response']['data'];

/** Authenticates each request on its way out. */
export type AuthHook = (
  request: (options: RequestOptions) => Promise<unknown>,
  options: RequestOptions,
) => Promise<unknown>;
export type RequestOptions = { headers: Record<string, unknown>; url: string; method: string };

export interface OctokitOptions {
  readonly apiUrl: string;
  readonly auth: { readonly strategy: unknown; readonly options?: Readonly<Record<string, unknown>> };
  readonly retry: RetryOptions;
  readonly signal: AbortSignal;
}

/** Octokit takes no notice of these: what they mean is told by the error that follows. */
const silent = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };

/**
 * No pause between writes: what is said on one task comes one by one anyway, and a limit of GitHub's is waited for. Octokit's own
 * pauses, three seconds a comment, would hold a consumer of a whole stream up for minutes. The plugin asks for a whole Bottleneck
 * and calls no more than this of it.
 */
const unpaced = { key: () => ({ schedule: (_options: unknown, act: () => unknown) => act() }) } as never;

export function createOctokit({ apiUrl, auth, retry: rule, signal }: OctokitOptions): GitHubApi {
  const longestWaitS = (rule.longestWaitMs ?? 5000) / 1000;
  const mayWait = (afterS: number, asked: unknown, _octokit: unknown, count: number): boolean =>
    afterS <= longestWaitS && count === 0 && !isOnce(asked);
  return new AbcaOctokit({
    baseUrl: apiUrl.replace(/\/+$/, ''),
    userAgent: 'abca',
    log: silent,
    authStrategy: auth.strategy,
    auth: auth.options,
    request: { signal },
    retry: {
      retries: rule.retries ?? 2,
      retryAfterBaseValue: rule.baseMs ?? 500,
      doNotRetry: [400, 401, 403, 404, 409, 410, 422, 429, 451],
    },
    throttle: { onRateLimit: mayWait, onSecondaryRateLimit: mayWait, write: unpaced, notifications: unpaced },
  });
}

/** For a call that makes something: repeating it blindly might make it twice. */
export const once = { request: { retries: 0 } } as const;

function isOnce(asked: unknown): boolean {
  return (asked as { readonly request?: { readonly retries?: number } }).request?.retries === 0;
}
