import { AbcaError, preview, type RepoId } from '@abca/core';
import { RequestError } from '@octokit/request-error';

/** What was tried, for the sentence that says that it failed. */
export interface Attempt {
  /** Completes `… of acme/shop`: `the pull request`. */
  readonly what: string;
  readonly repo: RepoId;
  /** Milliseconds since the epoch: a limit's end is told as a time. */
  readonly nowMs: number;
}

/**
 * The error that an answer of GitHub means, or the lack of one. `details` hold `status` (0 without an answer), and
 * `retryAfterMs` where GitHub said when to come again.
 *
 * FORGE_ACCESS_DENIED: the credential is refused, or lacks a permission, which is named · NOT_A_REPOSITORY: GitHub does not
 * show it · SERVICE_UNAVAILABLE (retryable): a limit, a failure of GitHub, no answer · VALIDATION_ERROR: refused for what was sent.
 */
export function mapGitHubError(error: unknown, attempt: Attempt): AbcaError {
  if (AbcaError.is(error)) return error;
  if (!(error instanceof RequestError)) return AbcaError.wrap(error, 'INTERNAL_ERROR', subject(attempt));
  // Octokit gives 500 to a connection that broke.
  const status = error.response === undefined ? 0 : error.status;
  const waitMs = retryAfterOf(error, attempt.nowMs);
  const details = { status, ...(waitMs !== undefined && { retryAfterMs: waitMs }) };
  if (status === 0 || status >= 500 || status === 408 || isLimit(error)) {
    const said = status === 0 ? 'no answer' : `${String(status)} ${messageOf(error)}`;
    return new AbcaError('SERVICE_UNAVAILABLE', `${subject(attempt)}: ${said}`, {
      retryable: true,
      cause: error,
      details,
    });
  }
  const { code, message } = refusal(error, attempt);
  return new AbcaError(code, message, { cause: error, details });
}

function refusal(
  error: RequestError,
  attempt: Attempt,
): { readonly code: 'FORGE_ACCESS_DENIED' | 'NOT_A_REPOSITORY' | 'VALIDATION_ERROR'; readonly message: string } {
  switch (error.status) {
    case 401:
      return {
        code: 'FORGE_ACCESS_DENIED',
        message: `${subject(attempt)}: GitHub refused the credentials; check the app's key, or make a new token`,
      };
    case 403:
    case 451:
      return { code: 'FORGE_ACCESS_DENIED', message: `${subject(attempt)}: ${deniedBecause(error)}` };
    case 404:
    case 410:
      return {
        code: 'NOT_A_REPOSITORY',
        message: `${subject(attempt)}: GitHub does not show it; check the name, and that the app or token may see it`,
      };
    default:
      return { code: 'VALIDATION_ERROR', message: `${subject(attempt)}: ${messageOf(error)}` };
  }
}

/** A limit is told by 429, or by 403 with when to come again. */
export function isLimit(error: RequestError): boolean {
  if (error.status === 429) return true;
  const { headers } = error.response ?? {};
  const told = headers?.['retry-after'] !== undefined || headers?.['x-ratelimit-remaining'] === '0';
  return error.status === 403 && (told || /rate limit/i.test(error.message));
}

/** What GitHub asks to wait. @see https://docs.github.com/rest/using-the-rest-api/rate-limits-for-the-rest-api */
function retryAfterOf(error: RequestError, nowMs: number): number | undefined {
  const { headers } = error.response ?? {};
  const afterS = Number(headers?.['retry-after']);
  if (afterS > 0) return afterS * 1000;
  const resetS = Number(headers?.['x-ratelimit-reset']);
  return headers?.['x-ratelimit-remaining'] === '0' && resetS > 0 ? Math.max(1000, resetS * 1000 - nowMs) : undefined;
}

/** Names the permission that GitHub says was missing: `issues=write; pull_requests=write`, any of which would do. */
function deniedBecause(error: RequestError): string {
  const accepted = error.response?.headers['x-accepted-github-permissions'];
  const [first] = typeof accepted === 'string' ? accepted.split(';') : [];
  if (first === undefined) return messageOf(error);
  const missing = first.split(',').map((pair) => grantOf(pair.trim()));
  return `a permission is missing; grant ${missing.join(' and ')}`;
}

function grantOf(pair: string): string {
  const [name = '', level = ''] = pair.split('=');
  return describePermission(name, level === 'write' ? 'write' : 'read');
}

/** A permission as the settings of an app or a token call it: `'Pull requests: Read and write'`. */
export function describePermission(name: string, level: 'read' | 'write'): string {
  const words = name.replaceAll('_', ' ');
  const shown = `${words.charAt(0).toUpperCase()}${words.slice(1)}`;
  return `'${shown}: ${level === 'write' ? 'Read and write' : 'Read-only'}'`;
}

function subject({ what, repo }: Attempt): string {
  return `GitHub did not give ${what} of ${repo}`;
}

function messageOf(error: RequestError): string {
  return preview(error.message);
}
