import { createVerify, generateKeyPairSync } from 'node:crypto';
import { ApiError } from '../wire/api-error.ts';
import type { Permissions } from './tokens.ts';

/** An installation of the app on an account. */
export interface Installation {
  readonly id: number;
  readonly account: string;
  /** `all` of the account, or `owner/name` of each. */
  readonly repositories: readonly string[] | 'all';
  permissions: Permissions;
  suspended: boolean;
}

/** The GitHub App. Its key pair is made for it. */
export interface App {
  readonly appId: number;
  readonly slug: string;
  /** Login of its bot. */
  readonly login: string;
  /** PEM, PKCS#1 as GitHub hands it out. */
  readonly privateKey: string;
  readonly publicKey: string;
  readonly installations: Installation[];
}

export function createApp({ appId = 4711, slug = 'abca' }: { readonly appId?: number; readonly slug?: string }): App {
  return { appId, slug, login: `${slug}[bot]`, ...keyPair(), installations: [] };
}

let made: Pick<App, 'privateKey' | 'publicKey'> | undefined;

/** One for the whole process: making it takes longer than most tests. */
function keyPair(): Pick<App, 'privateKey' | 'publicKey'> {
  made ??= generateKeyPairSync('rsa', {
    modulusLength: 2048,
    privateKeyEncoding: { type: 'pkcs1', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  });
  return made;
}

/** Longest life of a JWT of an app, seconds. */
const maxJwtS = 600;

/**
 * Whether `jwt` is one of the app's, as GitHub checks it.
 *
 * @param nowS seconds since the epoch
 * @throws ApiError 401
 */
export function checkJwt(app: App, jwt: string, nowS: number): void {
  const [header = '', payload = '', signature = ''] = jwt.split('.');
  const undecodable = new ApiError(401, 'A JSON web token could not be decoded');
  const claims = parseClaims(payload);
  const verifier = createVerify('RSA-SHA256').update(`${header}.${payload}`);
  if (claims === undefined || !verifier.verify(app.publicKey, signature, 'base64url')) throw undecodable;
  const { iss, iat, exp } = claims;
  if (String(iss) !== String(app.appId)) throw new ApiError(401, 'Integration not found');
  if (typeof exp !== 'number' || exp <= nowS) {
    const what = "'Expiration time' claim ('exp') must be a numeric value representing the future time at which";
    throw new ApiError(401, `${what} the assertion expires`);
  }
  if (exp - nowS > maxJwtS) throw new ApiError(401, "'Expiration time' claim ('exp') is too far in the future");
  if (typeof iat !== 'number' || iat > nowS) {
    const what = "'Issued at' claim ('iat') must be an Integer representing the time that";
    throw new ApiError(401, `${what} the assertion was issued`);
  }
}

function parseClaims(payload: string): Readonly<Record<string, unknown>> | undefined {
  try {
    return JSON.parse(Buffer.from(payload, 'base64url').toString()) as Readonly<Record<string, unknown>>;
  } catch {
    return undefined;
  }
}
