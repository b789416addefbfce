import { createHmac } from 'node:crypto';
import { limits } from '@abca/core';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { verifySlackSignature, type SignedRequest } from './verify-signature.ts';

const nowMs = Date.UTC(2026, 0, 1);
const signingSecret = 'the-secret-of-the-app';
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

function signed(fields: Partial<SignedRequest> & { readonly ageMs?: number } = {}): SignedRequest {
  const { ageMs = 0, ...rest } = fields;
  const timestamp = String((nowMs - ageMs) / 1000);
  const rawBody = fields.rawBody ?? bytes('payload=%7B%7D');
  const mac = createHmac('sha256', signingSecret).update(`v0:${timestamp}:`).update(rawBody).digest('hex');
  return { signingSecret, timestamp, signature: `v0=${mac}`, rawBody, nowMs, ...rest };
}

describe('verifySlackSignature()', () => {
  test('takes the example of Slack’s documentation', () => {
    const body =
      'token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V&channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text=&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c';
    const request = {
      signingSecret: ['8f742231b10e8888', 'abcd99yyyzzz85a5'].join(''),
      timestamp: '1531420618',
      signature: 'v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503',
      rawBody: bytes(body),
      nowMs: 1_531_420_618_000,
    };

    expect(verifySlackSignature(request)).toStrictEqual({ kind: 'valid' });
  });

  test.each([0, 1_000, limits.signatureAgeMs, -limits.signatureAgeMs])('takes one of %i milliseconds ago', (ageMs) => {
    expect(verifySlackSignature(signed({ ageMs }))).toStrictEqual({ kind: 'valid' });
  });

  test.each<[string, SignedRequest]>([
    ['no secret', signed({ signingSecret: '' })],
    ['missing', signed({ signature: undefined })],
    ['missing', signed({ timestamp: undefined })],
    ['malformed', signed({ signature: 'v0=' })],
    ['malformed', signed({ signature: `v1=${'0'.repeat(64)}` })],
    ['malformed', signed({ timestamp: '-1' })],
    ['malformed', signed({ timestamp: '' })],
    ['stale', signed({ ageMs: limits.signatureAgeMs + 1_000 })],
    ['stale', signed({ ageMs: -limits.signatureAgeMs - 1_000 })],
    ['mismatch', signed({ signature: `v0=${'0'.repeat(64)}` })],
    ['mismatch', signed({ signingSecret: 'another' })],
    ['mismatch', { ...signed(), rawBody: bytes('payload=%7B%7E') }],
    ['mismatch', signed({ timestamp: String(nowMs / 1000 + 1) })],
  ])('refuses one with %s', (why, request) => {
    expect(verifySlackSignature(request)).toStrictEqual({ kind: 'invalid', why });
  });

  test('signs bytes, not texts: what is no UTF-8 is taken as it came', () => {
    expect(verifySlackSignature(signed({ rawBody: Uint8Array.of(0xff, 0xfe, 0) }))).toStrictEqual({ kind: 'valid' });
  });

  test('takes nothing else, whatever it is, and never throws', () => {
    const anything = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.stringMatching(/^v0=[0-9a-f]{64}$/),
      fc.constant(undefined),
    );
    fc.assert(
      fc.property(
        anything,
        fc.oneof(anything, fc.constant(String(nowMs / 1000))),
        fc.uint8Array(),
        (signature, timestamp, rawBody) => {
          expect(verifySlackSignature({ signingSecret, signature, timestamp, rawBody, nowMs }).kind).toBe('invalid');
        },
      ),
    );
  });
});
