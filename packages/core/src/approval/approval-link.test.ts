import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { AbcaError } from '../errors/abca-error.ts';
import type { UserId } from '../ids/ids.ts';
import { redact } from '../redaction/redact.ts';
import { anApproval, testEpochMs } from '../testing/builders.ts';
import { parseIso } from '../time/iso-time.ts';
import { approvalLinkUrl, signApprovalLink, verifyApprovalLink, type ApprovalLink } from './approval-link.ts';

const key = 'a key of thirty-two characters ok';
const { taskId, requestId, userId, expiresAt } = anApproval();
const link: ApprovalLink = { taskId, requestId, userId, expiresAt };
const verify = (token: string, atMs = testEpochMs, by = key) => verifyApprovalLink(by, token, atMs);
const base64Url = (text: string): string => btoa(text).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');

/** A token that is signed well and holds `payload` instead of a link. */
async function tokenOf(payload: string): Promise<string> {
  const signed = `abca-link-1.${base64Url(payload)}`;
  const text = new TextEncoder();
  const hmac = { name: 'HMAC', hash: 'SHA-256' };
  const secret = await crypto.subtle.importKey('raw', text.encode(key), hmac, false, ['sign']);
  const mac = new Uint8Array(await crypto.subtle.sign('HMAC', secret, text.encode(signed)));
  return `${signed}.${base64Url(String.fromCharCode(...mac))}`;
}

describe('signApprovalLink(), verifyApprovalLink()', () => {
  test('give back the link that was signed, whoever it is for', async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: 'grapheme', minLength: 1, maxLength: 100 }), async (person) => {
        const own = { ...link, userId: person as UserId };

        expect(await verify(await signApprovalLink(key, own))).toStrictEqual(own);
      }),
    );
  });

  test('the same link has the same token, of characters that a URL takes as they are', async () => {
    const token = await signApprovalLink(key, { ...link });

    expect(token).toBe(await signApprovalLink(key, link));
    expect(encodeURIComponent(token)).toBe(token);
  });

  test('a token is over at the moment its request is', async () => {
    const token = await signApprovalLink(key, link);
    const endMs = parseIso(expiresAt);

    expect(await verify(token, endMs - 1)).toStrictEqual(link);
    expect(await verify(token, endMs)).toBeUndefined();
  });

  test('a change of any one character makes a token nothing', async () => {
    const token = await signApprovalLink(key, link);
    const changed = [...token].flatMap((character, at) =>
      ['A', 'B', 'w', '_', '.', '=']
        .filter((other) => other !== character)
        .map((other) => `${token.slice(0, at)}${other}${token.slice(at + 1)}`),
    );

    const taken = await Promise.all(changed.map((forged) => verify(forged)));

    expect(changed.length).toBeGreaterThan(1_000);
    expect(taken.filter((answer) => answer !== undefined)).toStrictEqual([]);
  });

  test('a token that is cut anywhere, or longer, is nothing', async () => {
    const token = await signApprovalLink(key, link);
    const cuts = Array.from({ length: token.length }, (_, at) => token.slice(0, at));
    const others = [...cuts, `${token}A`, `${token}.`, ` ${token}`, `${token}\n`, token.repeat(2), 'x'.repeat(100_000)];

    const taken = await Promise.all(others.map((other) => verify(other)));

    expect(taken.filter((answer) => answer !== undefined)).toStrictEqual([]);
  });

  test('the parts of two tokens do not make a third', async () => {
    const mine = await signApprovalLink(key, link);
    const theirs = await signApprovalLink(key, { ...link, userId: 'bob' as UserId });
    const [kind, payload] = mine.split('.');

    expect(await verify(`${kind ?? ''}.${payload ?? ''}.${theirs.split('.')[2] ?? ''}`)).toBeUndefined();
  });

  test('another key knows nothing of it', async () => {
    expect(await verify(await signApprovalLink(key, link), testEpochMs, `${key}!`)).toBeUndefined();
  });

  test.each([
    ['no JSON', 'hello'],
    ['no list', '{}'],
    ['a list of another length', JSON.stringify([taskId, requestId, userId])],
    ['an empty id', JSON.stringify([taskId, '', userId, expiresAt])],
    ['a number for an id', JSON.stringify([taskId, 1, userId, expiresAt])],
    ['no time', JSON.stringify([taskId, requestId, userId, 'tomorrow'])],
    ['no time of ours', JSON.stringify([taskId, requestId, userId, '2026-01-01T00:00:00.000000Z'])],
    ['no UTF-8', '["\u00ff"]'],
  ])('signed, but with %s in it, is nothing', async (_what, payload) => {
    expect(await verify(await tokenOf(payload))).toBeUndefined();
  });

  test('a key that could be guessed is refused on both sides', async () => {
    const short = 'k'.repeat(31);
    const errors = await Promise.all(
      [signApprovalLink(short, link), verifyApprovalLink(short, '', 0)].map((call) =>
        call.catch((error: unknown) => error),
      ),
    );

    expect(errors.map((error) => AbcaError.is(error, 'CONFIG_INVALID'))).toStrictEqual([true, true]);
  });
});

describe('approvalLinkUrl()', () => {
  test.each(['https://abca.example.com', 'https://abca.example.com/', 'https://abca.example.com//'])(
    'is below %s',
    async (baseUrl) => {
      const token = await signApprovalLink(key, link);

      expect(await approvalLinkUrl(anApproval(), { baseUrl, linkKey: key })).toBe(
        `https://abca.example.com/v1/approvals/link/${token}`,
      );
    },
  );

  test('is a secret to whoever writes it into a log', async () => {
    const url = await approvalLinkUrl(link, { baseUrl: 'https://abca.example.com', linkKey: key });

    expect(redact(`GET ${url} 200`)).toBe(
      'GET https://abca.example.com/v1/approvals/link/[REDACTED-ABCA_CREDENTIAL] 200',
    );
  });
});
