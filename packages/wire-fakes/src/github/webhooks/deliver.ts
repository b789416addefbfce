import { createHmac, randomUUID } from 'node:crypto';

/** A webhook as it goes over the wire. */
export interface SignedRequest {
  readonly method: 'POST';
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** How a webhook is signed and named. */
export interface DeliveryOptions {
  readonly secret: string;
  /** The same one for a redelivery. @default a new one */
  readonly deliveryId?: string;
}

/**
 * A webhook as GitHub makes it.
 *
 * @see https://docs.github.com/webhooks/using-webhooks/validating-webhook-deliveries
 */
export function signWebhook(event: string, payload: unknown, { secret, deliveryId }: DeliveryOptions): SignedRequest {
  const body = JSON.stringify(payload);
  const digest = createHmac('sha256', secret).update(body).digest('hex');
  const headers = {
    'content-type': 'application/json',
    'user-agent': 'GitHub-Hookshot/fake',
    'x-github-event': event,
    'x-github-delivery': deliveryId ?? randomUUID(),
    'x-hub-signature-256': `sha256=${digest}`,
  };
  return { method: 'POST', headers, body };
}
