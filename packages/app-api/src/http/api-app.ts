import { OpenAPIHono } from '@hono/zod-openapi';
import { bodyLimit } from 'hono/body-limit';
import { methodNotAllowed } from 'hono/method-not-allowed';
import { requestId } from 'hono/request-id';
import type { ApiDeps } from '../api-deps.ts';
import { requireUser } from '../auth/authenticate.ts';
import { answerError } from '../errors/answer-error.ts';
import { ApiProblem } from '../errors/api-problem.ts';
import { schemaProblem, type RequestPart } from '../errors/validation-problem.ts';
import type { ApiEnv } from './api-env.ts';
import { jsonBody } from './json-body.ts';
import { mountSigned } from './signed-routes.ts';

/** The Hono app before and after its routes are added. */
export type Api = OpenAPIHono<ApiEnv>;

const parts: Readonly<Record<string, RequestPart>> = { json: 'body', query: 'query', header: 'header', param: 'path' };

/** Routes that anybody may ask: they show nothing of anybody. */
export const openPaths: readonly string[] = ['/v1/health', '/v1/openapi.json'];

/** The app with all that is common to its routes: request ids, guard, authentication, body rules and the one error handler. */
export function createApp(deps: ApiDeps): Api {
  const maxSize = deps.maxBodyBytes ?? 256 * 1024;
  const app: Api = new OpenAPIHono<ApiEnv>({
    defaultHook: (result: { success: boolean; target: string; error?: unknown; data?: unknown }) => {
      if (!result.success) throw schemaProblem(parts[result.target] ?? 'body', result.error as never, result.data);
    },
  });
  app.onError((error, c) => answerError(deps.logger, error, c));
  app.notFound((c) =>
    answerError(deps.logger, new ApiProblem('NOT_FOUND', `no route ${c.req.method} ${c.req.path}`), c),
  );
  app.use(requestId({ generator: () => deps.ids.newEventId() }));
  app.use(
    methodNotAllowed({
      app,
      onMethodNotAllowed: (c, methods) => {
        c.header('Allow', methods.join(', '));
        const message = `${c.req.path} does not take ${c.req.method}; it takes ${methods.join(', ')}`;
        return answerError(deps.logger, new ApiProblem('METHOD_NOT_ALLOWED', message), c);
      },
    }),
  );
  for (const signed of deps.signed ?? []) mountSigned(app, signed);
  if (deps.guard !== undefined) app.use(deps.guard);
  const authenticated = requireUser(deps.authenticate);
  app.use((c, next) => (openPaths.includes(c.req.path) ? next() : authenticated(c, next)));
  app.use(
    bodyLimit({
      maxSize,
      onError: () => {
        throw new ApiProblem('PAYLOAD_TOO_LARGE', `the body is larger than ${String(maxSize)} bytes`);
      },
    }),
  );
  app.use(jsonBody());
  return app;
}
