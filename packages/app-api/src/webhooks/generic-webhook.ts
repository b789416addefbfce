import { AbcaError, limits, submitTask, takeRate, type SubmitCommand, type UserId } from '@abca/core';
import type { Context } from 'hono';
import { schemaProblem } from '../errors/validation-problem.ts';
import type { ApiEnv } from '../http/api-env.ts';
import { assertStorableJson } from '../http/json-guard.ts';
import { submitWire, toSubmitCommand } from '../wire/submit-wire.ts';
import { toTaskView } from '../wire/task-wire.ts';
import { signedBytes } from './generic-signature.ts';
import { importHmacKey, isSignedBy, type HmacKey } from './hmac.ts';
import { parseSignedJson } from './signed-json.ts';
import type { WebhookKey } from './webhook-config.ts';
import type { WebhookDeps } from './webhooks.ts';

/** The same for every reason: whoever forges learns nothing of how near they were. */
const forged =
  'the request is not signed; send X-ABCA-Key, X-ABCA-Timestamp, X-ABCA-Delivery and X-ABCA-Signature over the body';

interface Signer {
  readonly id: string;
  readonly userId: UserId;
  readonly key: HmacKey;
}

/** What the headers say, each in its form. Nothing of it is believed before the signature was found right. */
interface SignedHeaders {
  readonly keyId: string;
  readonly timestamp: string;
  readonly delivery: string;
  readonly hex: string;
}

/** `POST` of any system that shares a secret with the platform: the body of `POST /v1/tasks`, for the user of the key. */
export function genericWebhook(
  deps: WebhookDeps,
  keys: readonly WebhookKey[],
): (c: Context<ApiEnv>) => Promise<Response> {
  const signers = importSigners(keys);
  return async (c) => {
    const body = new Uint8Array(await c.req.arrayBuffer());
    const headers = readHeaders(c);
    const signer = headers && (await findSigner(await signers, headers, body));
    if (headers === undefined || signer === undefined) throw new AbcaError('SIGNATURE_INVALID', forged);
    assertFresh(headers, deps.clock.nowMs());
    const command = parseCommand(c, body);
    const rule = limits.triggerRate;
    await takeRate(deps.rates, { key: `trigger:key:${signer.id}`, rule, what: `requests of key ${signer.id}` });
    const idempotencyKey = `generic:${signer.id}:${headers.delivery}`;
    const { kind, task } = await submitTask(deps, { userId: signer.userId, command, idempotencyKey });
    deps.logger.info('generic webhook handled', { keyId: signer.id, outcome: kind, taskId: task.taskId });
    if (kind === 'created') return c.json({ data: toTaskView(task) }, 201, { Location: `/v1/tasks/${task.taskId}` });
    return c.json({ data: toTaskView(task) }, 200, { 'Idempotent-Replayed': 'true' });
  };
}

async function importSigners(keys: readonly WebhookKey[]): Promise<ReadonlyMap<string, Signer>> {
  const signers = await Promise.all(
    keys.map(async ({ id, userId, secret }) => ({ id, userId, key: await importHmacKey(secret) })),
  );
  return new Map(signers.map((signer) => [signer.id, signer]));
}

/** A header that was sent twice arrives as one with a comma and a blank in it, which none of these takes. */
function readHeaders(c: Context<ApiEnv>): SignedHeaders | undefined {
  const timestamp = c.req.header('X-ABCA-Timestamp') ?? '';
  const delivery = c.req.header('X-ABCA-Delivery') ?? '';
  const hex = /^v1=([0-9a-f]{64})$/.exec(c.req.header('X-ABCA-Signature') ?? '')?.[1];
  if (hex === undefined || !/^\d{1,12}$/.test(timestamp) || !/^[A-Za-z0-9_.-]{1,128}$/.test(delivery)) return undefined;
  return { keyId: c.req.header('X-ABCA-Key') ?? '', timestamp, delivery, hex };
}

async function findSigner(
  signers: ReadonlyMap<string, Signer>,
  { keyId, timestamp, delivery, hex }: SignedHeaders,
  body: Uint8Array,
): Promise<Signer | undefined> {
  const signer = signers.get(keyId);
  if (signer === undefined) return undefined;
  return (await isSignedBy([signer.key], hex, signedBytes({ timestamp, delivery, body }))) ? signer : undefined;
}

/** Told apart only to those who know the secret: a clock that is wrong is theirs to set right. */
function assertFresh({ timestamp }: SignedHeaders, nowMs: number): void {
  if (Math.abs(nowMs - Number(timestamp) * 1000) <= limits.signatureAgeMs) return;
  const seconds = String(limits.signatureAgeMs / 1000);
  throw new AbcaError('SIGNATURE_INVALID', `X-ABCA-Timestamp is more than ${seconds} s away from now; sign it again`);
}

function parseCommand(c: Context<ApiEnv>, bytes: Uint8Array): SubmitCommand {
  const sent = parseSignedJson(c.req.header('Content-Type'), bytes);
  assertStorableJson(sent);
  const { success, data, error } = submitWire.safeParse(sent);
  if (!success) throw schemaProblem('body', error, sent);
  return toSubmitCommand(data);
}
