import { signHmac, importHmacKey } from './hmac.ts';

/** What a signature is over. The id of the delivery is part of it: else a copied request could be sent again as a new one. */
export interface SignedParts {
  /** As it is sent in `X-ABCA-Timestamp`: seconds since 1970. */
  readonly timestamp: string;
  /** As it is sent in `X-ABCA-Delivery`. */
  readonly delivery: string;
  readonly body: Uint8Array;
}

/** `v1:<timestamp>:<delivery>:<body>`. The first three hold no colon, so that no two requests give the same. */
export function signedBytes({ timestamp, delivery, body }: SignedParts): Uint8Array<ArrayBuffer> {
  const head = new TextEncoder().encode(`v1:${timestamp}:${delivery}:`);
  const bytes = new Uint8Array(head.byteLength + body.byteLength);
  bytes.set(head);
  bytes.set(body, head.byteLength);
  return bytes;
}

/** The value of `X-ABCA-Signature` for a request to `POST /v1/webhooks/generic`. */
export async function signWebhook(secret: string, parts: SignedParts): Promise<string> {
  return `v1=${await signHmac(await importHmacKey(secret), signedBytes(parts))}`;
}
