import { parseInteraction, verifySlackSignature } from '@abca/adapter-slack/inbound';
import { AbcaError } from '@abca/core';
import { OpenAPIHono } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { ApiProblem } from '../errors/api-problem.ts';
import type { ApiEnv } from '../http/api-env.ts';
import type { SignedRoutes } from '../http/signed-routes.ts';
import { answerInteraction, type InteractionDeps } from './answer-interaction.ts';
import { RecentSignatures } from './recent-signatures.ts';
import { slackInteractionDocs, slackSignatureScheme } from './slack-docs.ts';

/** What the routes for Slack are made of. */
export interface SlackRoutesDeps extends InteractionDeps {
  /** Of the app, as its page "Basic Information" shows it. Never logged. */
  readonly signingSecret: string;
}

/** The same for every reason: whoever forges learns nothing of how near they were. */
const forged = 'the request is not signed by Slack with the secret of this app, or is not fresh; see X-Slack-Signature';

/**
 * `POST /v1/slack/interactions`, for `ApiDeps.signed`. Nothing but the bytes of the body is looked at before its signature was
 * found right, and no port is asked. Answers within the three seconds that Slack waits.
 *
 * @throws AbcaError CONFIG_INVALID without a secret
 */
export function slackRoutes(deps: SlackRoutesDeps): SignedRoutes {
  if (deps.signingSecret.trim().length < 8) {
    throw new AbcaError(
      'CONFIG_INVALID',
      'the signing secret of the Slack app is missing; copy it from the page of the app',
    );
  }
  const recent = new RecentSignatures();
  const app = new OpenAPIHono<ApiEnv>();
  app.openAPIRegistry.registerComponent('securitySchemes', 'slackSignature', slackSignatureScheme);
  app.openAPIRegistry.registerPath(slackInteractionDocs);
  app.post('/', async (c) => {
    const rawBody = new Uint8Array(await c.req.arrayBuffer());
    assertSigned(deps, { c, rawBody, recent });
    if (!/^application\/x-www-form-urlencoded\s*(;|$)/i.test(c.req.header('Content-Type') ?? '')) {
      throw new ApiProblem('UNSUPPORTED_MEDIA_TYPE', 'the body must be a form, as Slack sends it');
    }
    const interaction = parseInteraction(rawBody);
    if (interaction.kind === 'malformed') {
      throw new AbcaError('VALIDATION_ERROR', `the interaction cannot be read: ${interaction.why}`);
    }
    if (interaction.kind !== 'ignored') await answerInteraction(deps, interaction);
    return c.body(null, 200);
  });
  return { path: '/v1/slack/interactions', app };
}

interface Incoming {
  readonly c: Context<ApiEnv>;
  readonly rawBody: Uint8Array;
  readonly recent: RecentSignatures;
}

/** @throws AbcaError SIGNATURE_INVALID */
function assertSigned({ signingSecret, clock, logger }: SlackRoutesDeps, { c, rawBody, recent }: Incoming): void {
  const nowMs = clock.nowMs();
  const timestamp = c.req.header('X-Slack-Request-Timestamp');
  const signature = c.req.header('X-Slack-Signature');
  const verdict = verifySlackSignature({ signingSecret, timestamp, signature, rawBody, nowMs });
  const why = verdict.kind === 'invalid' ? verdict.why : recent.take(signature ?? '', nowMs) ? undefined : 'replayed';
  if (why === undefined) return;
  logger.warn('slack interaction refused', { why });
  throw new AbcaError('SIGNATURE_INVALID', forged);
}
