import { AbcaError, listSessions, reconcileAll, stopSessionById } from '@abca/core';
import type { MiddlewareHandler } from 'hono';
import type { ApiDeps } from '../api-deps.ts';
import type { Api } from '../http/api-app.ts';
import type { ApiEnv } from '../http/api-env.ts';
import { paginationOf } from '../wire/envelope.ts';
import { toReconcileView, toSessionView } from '../wire/ops-wire.ts';
import { toStopView } from '../wire/stop-wire.ts';
import { listSessionsRoute, reconcileRoute, stopSessionRoute } from './ops-routes.ts';

/** A person waits for the answer; what is left is for the next run by the clock, milliseconds. */
const budgetMs = 20_000;

/** What operators see and do: the ledger of sessions, a stop, a run of the reconcilers. It is of all users' work. */
export function addOpsRoutes(app: Api, deps: ApiDeps): void {
  app.use('/v1/ops/*', onlyOperators(deps));

  app.openapi(listSessionsRoute, async (c) => {
    const { limit, next_token, state } = c.req.valid('query');
    const page = await listSessions(deps, { state, limit, ...(next_token !== undefined && { nextToken: next_token }) });
    return c.json({ data: page.sessions.map(toSessionView), pagination: paginationOf(page.nextToken) }, 200);
  });

  app.openapi(stopSessionRoute, async (c) => {
    const { session, stop } = await stopSessionById(deps, c.req.valid('param').session_id);
    deps.logger.info('session stopped by an operator', {
      operator: c.get('userId'),
      sessionId: session.sessionId,
      outcome: stop.kind,
    });
    return c.json({ data: { session: toSessionView(session), stop: toStopView(stop) } }, 200);
  });

  app.openapi(reconcileRoute, async (c) => {
    const report = await reconcileAll(deps, { budgetMs, ...deps.reconcile });
    const { outcome } = report;
    if (outcome === 'failed') throw nothingReconciled();
    return c.json({ data: toReconcileView(report, outcome) }, 200);
  });
}

function onlyOperators({ isOperator }: ApiDeps): MiddlewareHandler<ApiEnv> {
  return async (c, next) => {
    if (isOperator === undefined || !(await isOperator(c.get('userId')))) {
      throw new AbcaError('FORBIDDEN', 'this is for the operators of the platform; ask one of them');
    }
    await next();
  };
}

function nothingReconciled(): AbcaError {
  return new AbcaError('RECONCILE_FAILED', 'nothing could be reconciled; the log of the platform says why', {
    retryable: true,
  });
}
