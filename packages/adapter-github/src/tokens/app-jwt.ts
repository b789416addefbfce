import { createPrivateKey, createSign } from 'node:crypto';
import { AbcaError } from '@abca/core';

/** Life of a JWT; GitHub takes ten minutes at most. It is dated back against clocks that differ. Seconds. */
const lifeS = 9 * 60;
const datedBackS = 60;

/**
 * A JSON web token that says "I am the app".
 *
 * @param nowS seconds since the epoch, by GitHub's clock
 * @throws AbcaError CONFIG_INVALID when the key is none
 * @see https://docs.github.com/apps/creating-github-apps/authenticating-with-a-github-app/generating-a-json-web-token-jwt-for-a-github-app
 */
export function signAppJwt(
  app: { readonly appId: string; readonly privateKey: string },
  nowS: number,
): { readonly jwt: string; readonly expiresAt: string } {
  const exp = nowS + lifeS;
  const claims = { iat: nowS - datedBackS, exp, iss: app.appId };
  const unsigned = `${encode({ alg: 'RS256', typ: 'JWT' })}.${encode(claims)}`;
  const signature = createSign('RSA-SHA256').update(unsigned).sign(parseKey(app.privateKey), 'base64url');
  return { jwt: `${unsigned}.${signature}`, expiresAt: new Date(exp * 1000).toISOString() };
}

/** Takes what GitHub hands out, also with its line breaks written as `\n`, as environments hold it. */
function parseKey(privateKey: string): ReturnType<typeof createPrivateKey> {
  try {
    return createPrivateKey(privateKey.replaceAll(String.raw`\n`, '\n'));
  } catch {
    // Not as its cause: what a parser says of a key may hold a part of it.
    throw new AbcaError('CONFIG_INVALID', "the app's private key is not one; use the .pem file that GitHub made");
  }
}

function encode(part: unknown): string {
  return Buffer.from(JSON.stringify(part)).toString('base64url');
}
