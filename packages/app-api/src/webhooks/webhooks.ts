import type { Logger, TriggerDeps } from '@abca/core';
import { OpenAPIHono } from '@hono/zod-openapi';
import type { ApiEnv } from '../http/api-env.ts';
import type { SignedRoutes } from '../http/signed-routes.ts';
import { genericWebhook } from './generic-webhook.ts';
import { githubWebhook } from './github-webhook.ts';
import { parseWebhookConfig, type WebhookConfig } from './webhook-config.ts';
import { genericWebhookDocs, githubWebhookDocs, signatureSchemes } from './webhook-docs.ts';

export interface WebhookDeps extends TriggerDeps {
  readonly logger: Logger;
}

/**
 * The webhooks that `config` names, for `ApiDeps.signed`. Closed unless configured: the path of one that is left out is 404.
 *
 * @throws AbcaError CONFIG_INVALID for a secret that is missing, short or padded
 */
export function webhooks(deps: WebhookDeps, config: WebhookConfig): SignedRoutes {
  const { github, generic } = parseWebhookConfig(config);
  const app = new OpenAPIHono<ApiEnv>();
  if (github !== undefined) {
    app.openAPIRegistry.registerComponent('securitySchemes', 'githubSignature', signatureSchemes.github);
    app.openAPIRegistry.registerPath(githubWebhookDocs);
    app.post(githubWebhookDocs.path, githubWebhook(deps, github));
  }
  if (generic !== undefined) {
    app.openAPIRegistry.registerComponent('securitySchemes', 'genericSignature', signatureSchemes.generic);
    app.openAPIRegistry.registerPath(genericWebhookDocs);
    app.post(genericWebhookDocs.path, genericWebhook(deps, generic.keys));
  }
  return { path: '/v1/webhooks', app };
}
