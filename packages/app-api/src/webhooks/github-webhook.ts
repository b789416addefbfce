import { AbcaError, startFromTrigger, type TriggerOutcome } from '@abca/core';
import type { Context } from 'hono';
import type { ApiEnv } from '../http/api-env.ts';
import { isSignedBy, importHmacKey, type HmacKey } from './hmac.ts';
import { parseSignedJson } from './signed-json.ts';
import type { GitHubWebhookConfig } from './webhook-config.ts';
import type { WebhookDeps } from './webhooks.ts';

/** The same for every reason: whoever forges learns nothing of how near they were. */
const forged = 'the request is not signed with the secret of this webhook; see X-Hub-Signature-256';

/**
 * `POST` of GitHub. Nothing but the bytes of the body is looked at before its signature was found right.
 *
 * @see https://docs.github.com/en/webhooks/using-webhooks/validating-webhook-deliveries
 */
export function githubWebhook(
  deps: WebhookDeps,
  { secrets, ownLogins = [] }: GitHubWebhookConfig,
): (c: Context<ApiEnv>) => Promise<Response> {
  const keys = Promise.all(secrets.map(importHmacKey));
  return async (c) => {
    const bytes = new Uint8Array(await c.req.arrayBuffer());
    if (!(await isSigned(await keys, c, bytes))) throw new AbcaError('SIGNATURE_INVALID', forged);
    const name = c.req.header('X-GitHub-Event') ?? '';
    if (!/^[a-z_]{1,64}$/.test(name)) throw new AbcaError('VALIDATION_ERROR', 'the header X-GitHub-Event is missing');
    const payload = parseSignedJson(c.req.header('Content-Type'), bytes);
    const outcome = await startFromTrigger(deps, { name, payload, ownLogins });
    const delivery = c.req.header('X-GitHub-Delivery');
    deps.logger.info('github webhook handled', { event: name, delivery, ...told(outcome) });
    return answer(c, outcome);
  };
}

async function isSigned(
  keys: readonly HmacKey[],
  c: Context<ApiEnv>,
  bytes: Uint8Array<ArrayBuffer>,
): Promise<boolean> {
  const given = /^sha256=(.*)$/.exec(c.req.header('X-Hub-Signature-256') ?? '')?.[1] ?? '';
  return isSignedBy(keys, given, bytes);
}

function told(outcome: TriggerOutcome): Readonly<Record<string, string>> {
  return outcome.kind === 'ignored'
    ? { outcome: 'ignored', why: outcome.why }
    : { outcome: outcome.kind, taskId: outcome.task.taskId };
}

/** Whoever may see a webhook's deliveries on GitHub reads this: the id of the task, and nothing of what is in it. */
function answer(c: Context<ApiEnv>, outcome: TriggerOutcome): Response {
  if (outcome.kind === 'ignored') return c.json({ data: { ignored: outcome.why } }, 202);
  const body = { data: { task_id: outcome.task.taskId } };
  if (outcome.kind === 'created') return c.json(body, 201);
  return c.json(body, 200, { 'Idempotent-Replayed': 'true' });
}
