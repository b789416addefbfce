import { createSign } from 'node:crypto';
import { Octokit } from '@octokit/core';
import type { FakeGitHub } from './index.ts';

/** The unmodified client of GitHub's REST API, as who holds a token. */
export function octokitAs({ apiUrl }: FakeGitHub, auth?: string): Octokit {
  const silent = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };
  return new Octokit({ baseUrl: apiUrl, log: silent, ...(auth !== undefined && { auth }) });
}

/** A JWT as an app makes it. @param nowS seconds since the epoch */
export function jwtOf(app: FakeGitHub['app'], nowS: number, claims: Readonly<Record<string, unknown>> = {}): string {
  const encode = (part: unknown): string => Buffer.from(JSON.stringify(part)).toString('base64url');
  const all = { iat: nowS - 60, exp: nowS + 300, iss: String(app.appId), ...claims };
  const unsigned = `${encode({ alg: 'RS256', typ: 'JWT' })}.${encode(all)}`;
  return `${unsigned}.${createSign('RSA-SHA256').update(unsigned).sign(app.privateKey, 'base64url')}`;
}

/** What an answer that is none was. */
export async function refusalOf(
  call: Promise<unknown>,
): Promise<{ readonly status: number; readonly message: string }> {
  try {
    await call;
  } catch (error) {
    const { status = -1, message = '' } = error as { readonly status?: number; readonly message?: string };
    return { status, message };
  }
  throw new Error('it was not refused');
}
