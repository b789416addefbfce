import { apiChecker } from '../openapi/api-checker.ts';
import type { ApiOperation, ServedOperation } from '../openapi/extract-openapi.ts';
import { routes, type Route } from '../routes/routes.ts';
import type { World } from '../world/world.ts';
import { admit, identify } from './access.ts';
import { ApiError } from './api-error.ts';
import type { Answer, Caller } from './call.ts';
import type { Failures } from './failures.ts';
import type { RawReply, RawRequest } from './http-server.ts';

/** A request as it was answered. */
export interface RecordedRequest {
  /** Of the operation, or of what git asked for. */
  readonly id: string;
  readonly method: string;
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
  readonly body: unknown;
  /** Of the answer; 0 when the connection was broken. */
  readonly status: number;
  /** Text of the credential, to tell which it was. */
  readonly credential: string | undefined;
}

export const apiPrefix = '/api/v3';

interface Matched {
  readonly operation: ApiOperation;
  readonly route: Route;
  readonly path: Readonly<Record<string, string>>;
}

/** GitHub's REST API over a {@link World}. */
export class RestApi {
  readonly violations: string[] = [];
  readonly #world: World;
  readonly #failures: Failures;
  readonly #checker = apiChecker();
  readonly #patterns: readonly { readonly operation: ApiOperation; readonly pattern: RegExp }[];
  readonly #record: (request: RecordedRequest) => void;

  constructor(world: World, failures: Failures, record: (request: RecordedRequest) => void) {
    this.#world = world;
    this.#failures = failures;
    this.#record = record;
    this.#patterns = this.#checker.operations.map((operation) => ({ operation, pattern: patternOf(operation.path) }));
  }

  async answer(request: RawRequest): Promise<RawReply> {
    const path = request.path.slice(apiPrefix.length);
    const matched = this.#match(request.method, path);
    const nowS = Math.floor(this.#world.clock.nowMs() / 1000);
    const id = matched?.operation.id ?? 'unknown';
    const fate = this.#failures.meet({ id, line: `${request.method} ${path}` }, nowS);
    const done = fate.kind === 'go' || fate.accepted ? await this.#perform(request, path, matched) : undefined;
    const reply = fate.kind === 'go' ? (done ?? failed(new ApiError(500, 'nothing was done'))) : fallOf(fate.as);
    this.#record({
      id,
      method: request.method,
      path,
      query: request.query,
      body: parseBody(request.body),
      status: reply === 'reset' ? 0 : reply.status,
      credential: request.headers['authorization']?.split(' ')[1],
    });
    return reply === 'reset' ? reply : render(reply, this.#world.clock.nowMs());
  }

  async #perform(request: RawRequest, path: string, matched: Matched | undefined): Promise<Answer> {
    try {
      if (matched === undefined) return this.#violation([`${request.method} ${path} is not served`], 404);
      if (request.headers['user-agent'] === undefined) throw new ApiError(403, 'Request forbidden: no User-Agent');
      const caller = identify(this.#world, request.headers['authorization']);
      const body = parseBody(request.body);
      const problems = this.#checker.problemsOf(matched.operation, { path: matched.path, query: request.query, body });
      if (problems.length > 0) return this.#violation(problems, 422);
      const answer = await this.#dispatch(request, matched, { caller, body });
      const wrong = this.#checker.problemsOfAnswer(matched.operation, answer.status, answer.body);
      return wrong.length > 0 ? this.#violation(wrong, 500) : answer;
    } catch (error) {
      if (error instanceof ApiError) return failed(error);
      throw error;
    }
  }

  async #dispatch(
    request: RawRequest,
    { route, path }: Matched,
    { caller, body }: { readonly caller: Caller; readonly body: unknown },
  ): Promise<Answer> {
    const world = this.#world;
    const call = {
      world,
      caller,
      path,
      query: request.query,
      body: (body ?? {}) as Readonly<Record<string, unknown>>,
      url: `${world.webUrl}${request.path}`,
    };
    if (route.by === 'app') {
      if (caller.kind !== 'app') throw new ApiError(401, 'A JSON web token could not be decoded');
      return route.handle(call);
    }
    if (caller.kind === 'app') throw new ApiError(401, 'Bad credentials');
    caller.token.used.api += 1;
    if (route.by === 'user') return route.handle(call);
    const fullName = `${path['owner'] ?? ''}/${path['repo'] ?? ''}`;
    const repository = admit(world, caller.token, { fullName, needs: route.needs });
    return route.handle({ ...call, repository, token: caller.token });
  }

  #match(method: string, path: string): Matched | undefined {
    for (const { operation, pattern } of this.#patterns) {
      const found = operation.method === method ? pattern.exec(path) : null;
      if (found === null) continue;
      const decoded = Object.entries(found.groups ?? {}).map(
        ([name, value]) => [name, decodeURIComponent(value)] as const,
      );
      return { operation, route: routes[operation.id as ServedOperation], path: Object.fromEntries(decoded) };
    }
    return undefined;
  }

  #violation(problems: readonly string[], status: number): Answer {
    this.violations.push(...problems);
    return failed(new ApiError(status, 'Invalid request.', { errors: problems }));
  }
}

/** Refs and comparisons may hold slashes that nobody encoded. */
function patternOf(template: string): RegExp {
  const source = template.replaceAll(/\{(\w+)\}/g, (_, name: string) =>
    ['ref', 'basehead', 'branch'].includes(name) ? `(?<${name}>.+)` : `(?<${name}>[^/]+)`,
  );
  return new RegExp(`^${source}$`);
}

function parseBody(body: Buffer): unknown {
  if (body.length === 0) return undefined;
  try {
    return JSON.parse(body.toString()) as unknown;
  } catch {
    return body.toString();
  }
}

function failed({ status, message, headers, errors }: ApiError): Answer {
  const body = { message, ...(errors && { errors }), documentation_url: 'https://docs.github.com/rest' };
  return { status, headers, body };
}

function fallOf(as: ApiError | 'reset'): Answer | 'reset' {
  return as === 'reset' ? as : failed(as);
}

function render({ status, headers, body }: Answer, nowMs: number): RawReply {
  return {
    status,
    headers: {
      'content-type': 'application/json; charset=utf-8',
      date: new Date(nowMs).toUTCString(),
      'x-github-request-id': 'FAKE:1',
      ...headers,
    },
    body: JSON.stringify(body),
  };
}
