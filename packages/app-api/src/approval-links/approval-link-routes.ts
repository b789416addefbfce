import {
  AbcaError,
  approvalLinkPath,
  decideApproval,
  isTaskId,
  verifyApprovalLink,
  type Approval,
  type ApprovalLink,
  type DecideDeps,
  type Logger,
} from '@abca/core';
import { Hono, type Context, type MiddlewareHandler } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import type { ApiEnv } from '../http/api-env.ts';
import type { SignedRoutes } from '../http/signed-routes.ts';
import { closedPage, contentSecurityPolicy, decidedPage, notePage, pendingPage, type Markup } from './link-page.ts';
import { isForm, isFromOwnPage, maxFormBytes, parseForm, type LinkAnswer } from './link-request.ts';

/** What the pages of links are made of. */
export interface ApprovalLinkDeps extends DecideDeps {
  /** Key of the installation that signs the links, secret, at least 32 characters. */
  readonly linkKey: string;
  /**
   * Address of the API as browsers reach it: what the links begin with. A decision is taken from its own pages alone. A function
   * where it is known only once the server listens.
   */
  readonly baseUrl: string | (() => string);
  readonly logger: Logger;
}

/**
 * `GET /v1/approvals/link/{token}` shows a request to whoever has its link, `POST` decides it, once, as the person it is bound
 * to. To be mounted before authentication: the token is the authentication.
 *
 * Nothing but the POST of its own form decides: scanners of links, previews and prefetches send GET and HEAD. Whatever is
 * wrong with a token, its answer is one page, and no store is asked before its signature was checked. The token is a secret and
 * part of the path: paths of these routes are not to be logged.
 *
 * @throws AbcaError CONFIG_INVALID when the address is none
 */
export function approvalLinkRoutes(deps: ApprovalLinkDeps): SignedRoutes {
  const origin = originOf(deps.baseUrl);
  const app = new Hono<ApiEnv>();
  app.onError((error, c) => answerError(deps.logger, error, c));
  const path = '/:token';
  app.use('*', pageHeaders);
  app.get(path, async (c) => {
    const approval = await findLinked(deps, c.req.param('token'));
    if (approval === undefined) return answer(c, 404, notFoundPage());
    return answer(c, 200, approval.status === 'PENDING' ? pendingPage(approval) : closedPage(approval));
  });
  app.post(path, ownPagesOnly(origin), formsOnly, limitForm, async (c) => {
    const given = parseForm(await c.req.text());
    if (given === undefined) return answer(c, 400, notePage('Not understood', 'Open the link again and use its form.'));
    return decide(deps, c, { token: c.req.param('token'), given });
  });
  app.all(path, (c) => {
    c.header('Allow', 'GET, HEAD, POST');
    return answer(c, 405, notePage('Not allowed', 'This page is opened and sent, and nothing else.'));
  });
  app.all('*', (c) => answer(c, 404, notFoundPage()));
  return { path: approvalLinkPath, app };
}

/** Before anything else, so that errors have them too. What is shown belongs to one person and is over soon. */
const pageHeaders: MiddlewareHandler = async (c, next) => {
  c.header('Content-Security-Policy', contentSecurityPolicy);
  c.header('Cache-Control', 'no-store');
  c.header('Referrer-Policy', 'no-referrer');
  c.header('X-Robots-Tag', 'noindex, nofollow, noarchive');
  c.header('X-Content-Type-Options', 'nosniff');
  c.header('X-Frame-Options', 'DENY');
  c.header('Cross-Origin-Opener-Policy', 'same-origin');
  c.header('Cross-Origin-Resource-Policy', 'same-origin');
  await next();
};

function ownPagesOnly(origin: () => string): MiddlewareHandler {
  return async (c, next) => {
    if (isFromOwnPage(c, origin())) return next();
    const text = 'Open the link in your browser and decide there, or use bgagent pending on your terminal.';
    return answer(c, 403, notePage('Not from this page', text));
  };
}

const formsOnly: MiddlewareHandler = async (c, next) =>
  isForm(c) ? next() : answer(c, 415, notePage('Not a form', 'Open the link again and use its form.'));

const limitForm = bodyLimit({
  maxSize: maxFormBytes,
  onError: (c) => answer(c, 413, notePage('Too long', 'Say it in fewer words.')),
});

async function decide(
  deps: ApprovalLinkDeps,
  c: Context,
  { token, given }: { readonly token: string; readonly given: LinkAnswer },
): Promise<Response> {
  const approval = await findLinked(deps, token);
  if (approval === undefined) return answer(c, 404, notFoundPage());
  if (approval.status !== 'PENDING') return answer(c, 409, closedPage(approval));
  if (approval.severity === 'high') return answer(c, 403, pendingPage(approval));
  const { taskId, requestId, userId } = approval;
  try {
    const decided = await decideApproval(deps, { taskId, requestId, userId, answer: given });
    deps.logger.info('approval decided by link', { taskId, requestId, status: decided.status });
    return answer(c, 200, decidedPage(decided));
  } catch (error) {
    if (!AbcaError.is(error, 'REQUEST_ALREADY_DECIDED')) throw error;
    const now = await findLinked(deps, token);
    return now === undefined ? answer(c, 404, notFoundPage()) : answer(c, 409, closedPage(now));
  }
}

/** The request that the token is for, as it is now; `undefined` also when it is not of the person that the link is bound to. */
async function findLinked(deps: ApprovalLinkDeps, token: string): Promise<Approval | undefined> {
  const link = await verifyApprovalLink(deps.linkKey, token, deps.clock.nowMs());
  if (link === undefined || !hasIds(link)) return undefined;
  const { taskId, requestId, userId, expiresAt } = link;
  const approval = await deps.approvals.find({ taskId, requestId });
  return approval?.userId === userId && approval.expiresAt === expiresAt ? approval : undefined;
}

function hasIds({ taskId, requestId }: ApprovalLink): boolean {
  return isTaskId(taskId) && isTaskId(requestId);
}

function answerError(logger: Logger, error: unknown, c: Context): Response | Promise<Response> {
  const code = AbcaError.is(error) ? error.code : 'INTERNAL_ERROR';
  if (AbcaError.is(error, 'RATE_LIMIT_EXCEEDED')) {
    c.header('Retry-After', '60');
    return answer(c, 429, notePage('Too many decisions', 'Wait a minute and try again.'));
  }
  if (code === 'REQUEST_NOT_FOUND') return answer(c, 404, notFoundPage());
  if (code === 'TASK_NOT_AWAITING_APPROVAL') {
    return answer(c, 409, notePage('Not waited for any more', 'The task has gone on or ended without this decision.'));
  }
  logger.error('page of an approval link failed', { method: c.req.method, error });
  const status = AbcaError.is(error) && error.retryable ? 503 : 500;
  return answer(
    c,
    status,
    notePage('Not now', 'It is not known whether it was decided. Open the link again in a moment.'),
  );
}

/** One page for all that is wrong with a link: whoever tries some out learns nothing. */
function notFoundPage(): Markup {
  const text = 'It may be over, or not whole. See what waits for you with bgagent pending on your terminal.';
  return notePage('There is nothing behind this link', text);
}

function answer(c: Context, status: ContentfulStatusCode, body: Markup): Response | Promise<Response> {
  return c.html(body, status);
}

/** @throws AbcaError CONFIG_INVALID at once where the address is known */
function originOf(baseUrl: ApprovalLinkDeps['baseUrl']): () => string {
  if (typeof baseUrl === 'function') return () => parseOrigin(baseUrl());
  const origin = parseOrigin(baseUrl);
  return () => origin;
}

function parseOrigin(baseUrl: string): string {
  if (URL.canParse(baseUrl) && /^https?:$/.test(new URL(baseUrl).protocol)) return new URL(baseUrl).origin;
  throw new AbcaError(
    'CONFIG_INVALID',
    `the address of approval links is "${baseUrl}"; write it as https://abca.example.com`,
  );
}
