import { createHmac, timingSafeEqual } from 'node:crypto';
import { limits } from '@abca/core';

/** A request as it came in. */
export interface SignedRequest {
  /** Of the app, as its page "Basic Information" shows it. */
  readonly signingSecret: string;
  /** The header `X-Slack-Request-Timestamp`. */
  readonly timestamp: string | undefined;
  /** The header `X-Slack-Signature`. */
  readonly signature: string | undefined;
  /** Exactly as it came, before anything reads it. */
  readonly rawBody: Uint8Array;
  /** Milliseconds since the epoch. */
  readonly nowMs: number;
}

/** Whether a request is Slack's, and if not, why. The reason is for the log: who asks is told only that it is not. */
export type SignatureVerdict =
  | { readonly kind: 'valid' }
  | { readonly kind: 'invalid'; readonly why: 'no secret' | 'missing' | 'malformed' | 'stale' | 'mismatch' };

/**
 * Whether Slack signed these bytes less than `limits.signatureAgeMs` from now, either way. In constant time; any doubt is a no.
 *
 * @see https://docs.slack.dev/authentication/verifying-requests-from-slack
 */
export function verifySlackSignature(request: SignedRequest): SignatureVerdict {
  const { signingSecret, timestamp, signature, rawBody, nowMs } = request;
  if (signingSecret === '') return invalid('no secret');
  if (timestamp === undefined || signature === undefined) return invalid('missing');
  if (!/^\d{1,12}$/.test(timestamp) || !/^v0=[0-9a-f]{64}$/.test(signature)) return invalid('malformed');
  if (Math.abs(nowMs - Number(timestamp) * 1000) > limits.signatureAgeMs) return invalid('stale');
  const expected = createHmac('sha256', signingSecret).update(`v0:${timestamp}:`).update(rawBody).digest();
  const given = Buffer.from(signature.slice('v0='.length), 'hex');
  return timingSafeEqual(expected, given) ? { kind: 'valid' } : invalid('mismatch');
}

function invalid(why: Extract<SignatureVerdict, { kind: 'invalid' }>['why']): SignatureVerdict {
  return { kind: 'invalid', why };
}
