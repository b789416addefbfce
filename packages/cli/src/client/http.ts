import type { ErrorView } from './wire-types.ts';
import { CliError, exitCodes } from '../errors/cli-error.ts';
import { codedError } from '../errors/to-cli-error.ts';
import type { Connection } from './connection.ts';

/** One request to the platform. */
export interface HttpRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  readonly path: string;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
}

/**
 * Send `request` once; any HTTP answer is returned.
 *
 * @throws CliError PLATFORM_UNREACHABLE when nothing answers; the signal's reason when it was aborted
 */
export async function send(connection: Connection, request: HttpRequest): Promise<Response> {
  const { method, path, body, headers, signal } = request;
  try {
    return await fetch(`${connection.url}${path}`, {
      method,
      redirect: 'error',
      headers: {
        accept: 'application/json',
        ...(connection.token !== undefined && { authorization: `Bearer ${connection.token}` }),
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
      ...(signal && { signal }),
    });
  } catch (error) {
    if (signal?.aborted === true) throw error;
    throw unreachable(connection, error);
  }
}

/** The error of an answer that is none of the successes. */
export async function errorOf(connection: Connection, response: Response): Promise<CliError> {
  const text = await response.text().catch(() => '');
  const error = parseError(text);
  if (error === undefined) return notAPlatform(connection, `it answered ${String(response.status)}`);
  const problems = error.code === 'POLICY_INVALID' ? problemsOf(error.details) : undefined;
  if (problems === undefined) return codedError(error.code, error.message);
  return new CliError(error.code, 'the policies cannot be used', {
    suggestion: 'correct them and try them out with: bgagent policy check <file>',
    problems,
  });
}

/** @throws CliError NOT_A_PLATFORM when the body is not the envelope of ABCA's API */
export async function readEnvelope<T>(connection: Connection, response: Response): Promise<T> {
  const text = await response.text();
  const value = parseJson(text);
  if (typeof value === 'object' && value !== null && 'data' in value) return value as T;
  throw notAPlatform(connection, 'its answer has no data');
}

/** Seconds the platform asks to wait, as milliseconds; `undefined` when it does not say. */
export function retryAfterMs(response: Response): number | undefined {
  const seconds = Number(response.headers.get('retry-after') ?? Number.NaN);
  return Number.isFinite(seconds) && seconds >= 0 ? seconds * 1000 : undefined;
}

function unreachable({ url, source }: Connection, cause: unknown): CliError {
  return new CliError(
    'PLATFORM_UNREACHABLE',
    `the platform at ${url} (from ${source}) does not answer: ${reasonOf(cause)}`,
    {
      exitCode: exitCodes.error,
      suggestion: 'start it with: bgagent up; or name another one with --url and --token',
      cause,
    },
  );
}

function notAPlatform({ url, source }: Connection, why: string): CliError {
  return new CliError('NOT_A_PLATFORM', `${url} (from ${source}) is not an ABCA platform: ${why}`, {
    suggestion: 'check the address; bgagent doctor shows which one is used',
  });
}

/** The reason that fetch hides in a chain of causes. */
function reasonOf(error: unknown): string {
  const cause = error instanceof Error ? (error.cause ?? error) : error;
  const code = (cause as { readonly code?: unknown } | undefined)?.code;
  if (code === 'ECONNREFUSED') return 'nothing listens there';
  if (code === 'ENOTFOUND') return 'the host is not known';
  return cause instanceof Error && cause.message !== '' ? cause.message : String(code ?? cause);
}

/** What is wrong with policies, each with its rule, line and remedy: the message has them all in one line. */
function problemsOf(details: ErrorView['error']['details']): readonly string[] | undefined {
  const problems = details?.['problems'];
  return Array.isArray(problems) ? problems.map(String) : undefined;
}

function parseError(text: string): ErrorView['error'] | undefined {
  const value = parseJson(text) as Partial<ErrorView> | undefined;
  const error = value?.error;
  return typeof error?.code === 'string' && typeof error.message === 'string' ? error : undefined;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
