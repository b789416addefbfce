const algorithm = { name: 'HMAC', hash: 'SHA-256' } as const;

/** A shared secret, ready to sign with and to check by. */
export type HmacKey = Awaited<ReturnType<typeof crypto.subtle.importKey>>;

export function importHmacKey(secret: string): Promise<HmacKey> {
  return crypto.subtle.importKey('raw', new TextEncoder().encode(secret), algorithm, false, ['sign', 'verify']);
}

/** The HMAC-SHA-256 of `bytes`, 64 hex digits. */
export async function signHmac(key: HmacKey, bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  const signature = new Uint8Array(await crypto.subtle.sign(algorithm, key, bytes));
  return Array.from(signature, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/**
 * Whether `hex` is the HMAC-SHA-256 of `bytes` under any of `keys`. Compared in constant time, and with every key: neither
 * which of them signed nor how much of a forgery is right shows in the time. Never throws.
 *
 * @param hex 64 lower-case hex digits; anything else is false
 */
export async function isSignedBy(
  keys: readonly HmacKey[],
  hex: string,
  bytes: Uint8Array<ArrayBuffer>,
): Promise<boolean> {
  if (!/^[0-9a-f]{64}$/.test(hex)) return false;
  const signature = Uint8Array.from(hex.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
  const verdicts = await Promise.all(keys.map((key) => crypto.subtle.verify(algorithm, key, signature, bytes)));
  return verdicts.includes(true);
}
