import { createHash } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { limits } from '@abca/core';
import {
  aDelivery,
  aSubmission,
  aWebhookWorld,
  ciSecret,
  githubSecret,
  hmac,
  labelled,
  nowS,
  otherSecret,
  send,
  type Sent,
} from './webhooks.test-kit.ts';

type Forgery = readonly [title: string, status: number, forge: () => Sent];

const payload = labelled();
const command = { repo: 'acme/shop', task_description: 'Zahle an Jürgen 🎉' };
const tooMuch = limits.webhookBytes + 1;

/** The good delivery with another body, signature or header: what is not named stays as it was signed. */
function delivery({ body, signature, headers = {}, ...sent }: Change = {}): Sent {
  return changed(
    aDelivery('issues', payload),
    { ...sent, ...(body !== undefined && { body }) },
    {
      ...(signature !== undefined && { 'x-hub-signature-256': signature }),
      ...headers,
    },
  );
}

function submission({ body, signature, headers = {}, ...sent }: Change = {}): Sent {
  return changed(
    aSubmission(command),
    { ...sent, ...(body !== undefined && { body }) },
    {
      ...(signature !== undefined && { 'x-abca-signature': signature }),
      ...headers,
    },
  );
}

interface Change extends Partial<Omit<Sent, 'headers'>> {
  readonly signature?: string | null;
  readonly headers?: Readonly<Record<string, string | null>>;
}

function changed(sent: Sent, fields: Partial<Sent>, headers: Readonly<Record<string, string | null>>): Sent {
  for (const [name, value] of Object.entries(headers)) {
    if (value === null) sent.headers.delete(name);
    else sent.headers.set(name, value);
  }
  return { ...sent, ...fields };
}

const goodBody = String(delivery().body);
const good = delivery().headers.get('x-hub-signature-256') ?? '';
const goodHex = good.slice('sha256='.length);
const ownBody = String(submission().body);
const own = submission().headers.get('x-abca-signature') ?? '';
/** Signed by one who knows the secret, over a text of another make than ours. */
const signedAs = (text: string, secret = ciSecret): string => `v1=${hmac(secret, text)}`;
const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
const flipped = (hex: string): string => `${hex.slice(0, -1)}${hex.endsWith('0') ? '1' : '0'}`;
const resigned = (body: string | Uint8Array<ArrayBuffer>): Change => ({
  body,
  signature: `sha256=${hmac(githubSecret, body)}`,
});

/** A request whose body breaks off, or is read no further than it has to be. */
const streamOf = (chunks: number, end: 'close' | 'error'): ReadableStream => {
  let left = chunks;
  return new ReadableStream({
    pull(controller) {
      left -= 1;
      if (left >= 0) controller.enqueue(new Uint8Array(64 * 1024));
      else if (end === 'close') controller.close();
      else controller.error(new Error('cut'));
    },
  });
};

function twice(sent: Sent, name: string, value: string): Sent {
  sent.headers.append(name, value);
  return sent;
}

const github: readonly Forgery[] = [
  ['without a signature', 401, () => delivery({ signature: null })],
  ['with an empty signature', 401, () => delivery({ signature: '' })],
  ['with a signature of blanks', 401, () => delivery({ signature: '   ' })],
  ['with the prefix alone', 401, () => delivery({ signature: 'sha256=' })],
  ['without the prefix', 401, () => delivery({ signature: goodHex })],
  ['with the prefix in capitals', 401, () => delivery({ signature: `SHA256=${goodHex}` })],
  ['with hex in capitals', 401, () => delivery({ signature: `sha256=${goodHex.toUpperCase()}` })],
  ['with its last digit changed', 401, () => delivery({ signature: flipped(good) })],
  ['with its last digit missing', 401, () => delivery({ signature: good.slice(0, -1) })],
  ['with a digit too many', 401, () => delivery({ signature: `${good}0` })],
  ['with a zero byte encoded behind it', 401, () => delivery({ signature: `${good}%00` })],
  ['with a blank within', 401, () => delivery({ signature: good.replace('=', '= ') })],
  ['with 64 zeros', 401, () => delivery({ signature: `sha256=${'0'.repeat(64)}` })],
  ['with 64 that are no hex', 401, () => delivery({ signature: `sha256=${'g'.repeat(64)}` })],
  ['with digits of another script', 401, () => delivery({ signature: `sha256=${encodeURIComponent('٠'.repeat(11))}` })],
  ['signed in base64', 401, () => delivery({ signature: `sha256=${Buffer.from(goodHex, 'hex').toString('base64')}` })],
  [
    'signed with another secret',
    401,
    () => delivery({ signature: `sha256=${hmac('another-secret-of-some-size', goodBody)}` }),
  ],
  ['signed with an empty secret', 401, () => delivery({ signature: `sha256=${hmac('', goodBody)}` })],
  [
    'signed with the secret and a line end',
    401,
    () => delivery({ signature: `sha256=${hmac(`${githubSecret}\n`, goodBody)}` }),
  ],
  [
    'signed with the secret in capitals',
    401,
    () => delivery({ signature: `sha256=${hmac(githubSecret.toUpperCase(), goodBody)}` }),
  ],
  [
    'signed with both secrets in a row',
    401,
    () => delivery({ signature: `sha256=${hmac(otherSecret + githubSecret, goodBody)}` }),
  ],
  [
    'signed with the secret of the generic webhook',
    401,
    () => delivery({ signature: `sha256=${hmac(ciSecret, goodBody)}` }),
  ],
  [
    'signed by SHA-1 in the old header alone',
    401,
    () => delivery({ signature: null, headers: { 'x-hub-signature': `sha1=${hmac(githubSecret, goodBody, 'sha1')}` } }),
  ],
  [
    'signed by SHA-1 in the new header',
    401,
    () => delivery({ signature: `sha1=${hmac(githubSecret, goodBody, 'sha1')}` }),
  ],
  [
    'signed by SHA-1 under the name of SHA-256',
    401,
    () => delivery({ signature: `sha256=${hmac(githubSecret, goodBody, 'sha1')}` }),
  ],
  ['signed by SHA-512', 401, () => delivery({ signature: `sha512=${hmac(githubSecret, goodBody, 'sha512')}` })],
  [
    'signed by SHA-512, cut to fit',
    401,
    () => delivery({ signature: `sha256=${hmac(githubSecret, goodBody, 'sha512').slice(0, 64)}` }),
  ],
  ['with a plain hash of the body', 401, () => delivery({ signature: `sha256=${sha256(goodBody)}` })],
  ['with the signature of an empty body', 401, () => delivery({ signature: `sha256=${hmac(githubSecret, '')}` })],
  ['with the same signature twice', 401, () => twice(delivery(), 'x-hub-signature-256', good)],
  [
    'with a wrong signature before the right one',
    401,
    () => twice(delivery({ signature: flipped(good) }), 'x-hub-signature-256', good),
  ],
  [
    'with the signature in another header',
    401,
    () => delivery({ signature: null, headers: { 'x-signature-256': good } }),
  ],
  [
    'with a bearer token for a signature',
    401,
    () => delivery({ signature: null, headers: { authorization: 'Bearer a-local-token-of-some-length' } }),
  ],
  ['with a byte of the body changed', 401, () => delivery({ body: goodBody.replace('labeled', 'labeleD') })],
  ['with a blank behind the body', 401, () => delivery({ body: `${goodBody} ` })],
  ['with a byte order mark before the body', 401, () => delivery({ body: `\ufeff${goodBody}` })],
  ['with the body printed anew', 401, () => delivery({ body: JSON.stringify(JSON.parse(goodBody), null, 1) })],
  ['with a letter of the body escaped', 401, () => delivery({ body: goodBody.replace('acme', '\\u0061cme') })],
  [
    'with the body decomposed',
    401,
    () => ({ ...aDelivery('issues', goodBody.replace('abca', 'é')), body: goodBody.replace('abca', 'e\u0301') }),
  ],
  ['with the body in UTF-16', 401, () => delivery({ body: Uint8Array.from(Buffer.from(goodBody, 'utf16le')) })],
  ['with the body cut short', 401, () => delivery({ body: goodBody.slice(0, -1) })],
  ['without a body', 401, () => delivery({ body: '' })],
  [
    'with the body of another delivery',
    401,
    () => delivery({ body: String(aDelivery('issues', labelled({ action: 'opened' })).body) }),
  ],
  [
    'signed, in bytes that are no UTF-8',
    400,
    () => delivery(resigned(Uint8Array.from([...Buffer.from(goodBody.slice(0, -1)), 0xff, 0x7d]))),
  ],
  ['signed, and no JSON', 400, () => delivery(resigned(goodBody.slice(0, -1)))],
  ['signed, and empty', 400, () => delivery(resigned(''))],
  [
    'signed, as a form',
    415,
    () =>
      delivery({
        ...resigned(`payload=${encodeURIComponent(goodBody)}`),
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
      }),
  ],
  ['signed, without a content type', 415, () => delivery({ headers: { 'content-type': null } })],
  ['signed, without an event', 400, () => delivery({ headers: { 'x-github-event': null } })],
  ['signed, with two events', 400, () => twice(delivery(), 'x-github-event', 'issues')],
  [
    'signed, under the name of another event',
    400,
    () =>
      delivery({ ...resigned(goodBody.replace('labeled', 'created')), headers: { 'x-github-event': 'issue_comment' } }),
  ],
  ['signed, and a byte too large', 413, () => delivery(resigned(goodBody.padEnd(tooMuch)))],
  [
    'too large, and said to be small',
    413,
    () => delivery({ ...resigned(goodBody.padEnd(tooMuch)), headers: { 'content-length': '10' } }),
  ],
  ['said to be too large', 413, () => delivery({ headers: { 'content-length': String(tooMuch) } })],
  ['of no length and without an end', 413, () => delivery({ body: streamOf(1_000_000, 'close') })],
  ['that breaks off', 400, () => delivery({ body: streamOf(2, 'error') })],
  ['by GET', 405, () => delivery({ method: 'GET' })],
  ['by PUT', 405, () => delivery({ method: 'PUT' })],
  ['to a path below', 404, () => delivery({ path: '/v1/webhooks/github/x' })],
  ['to the generic webhook', 401, () => delivery({ path: '/v1/webhooks/generic' })],
];

const generic: readonly Forgery[] = [
  ['without a signature', 401, () => submission({ signature: null })],
  ['without a key id', 401, () => submission({ headers: { 'x-abca-key': null } })],
  ['without a timestamp', 401, () => submission({ headers: { 'x-abca-timestamp': null } })],
  ['without a delivery', 401, () => submission({ headers: { 'x-abca-delivery': null } })],
  ['with the key id of nobody', 401, () => submission({ headers: { 'x-abca-key': 'nobody' } })],
  ['with a key id from the prototype', 401, () => submission({ headers: { 'x-abca-key': '__proto__' } })],
  ['with a key id in capitals', 401, () => submission({ headers: { 'x-abca-key': 'CI' } })],
  ['with two key ids', 401, () => twice(submission(), 'x-abca-key', 'ci')],
  ['signed with another secret', 401, () => aSubmission(command, { secret: 'another-secret-of-some-size' })],
  ['signed with an empty secret', 401, () => aSubmission(command, { secret: '' })],
  ['signed with the secret of GitHub', 401, () => aSubmission(command, { secret: githubSecret })],
  ['with another delivery than was signed', 401, () => submission({ headers: { 'x-abca-delivery': 'build-8' } })],
  [
    'with another timestamp than was signed',
    401,
    () => submission({ headers: { 'x-abca-timestamp': String(nowS + 1) } }),
  ],
  ['with two timestamps', 401, () => twice(submission(), 'x-abca-timestamp', String(nowS))],
  ['with two deliveries', 401, () => twice(submission(), 'x-abca-delivery', 'build-7')],
  ['with two signatures', 401, () => twice(submission(), 'x-abca-signature', own)],
  [
    'with a part of the delivery moved to the body',
    401,
    () => submission({ body: `7:${ownBody}`, headers: { 'x-abca-delivery': 'build-' } }),
  ],
  ['a second too old', 401, () => aSubmission(command, { timestamp: String(nowS - 301) })],
  ['a second too early', 401, () => aSubmission(command, { timestamp: String(nowS + 301) })],
  ['of a day ago', 401, () => aSubmission(command, { timestamp: String(nowS - 86_400) })],
  ['with milliseconds for a timestamp', 401, () => aSubmission(command, { timestamp: String(nowS * 1000) })],
  ['with a fraction of a second', 401, () => aSubmission(command, { timestamp: `${String(nowS)}.0` })],
  ['with a signed timestamp', 401, () => aSubmission(command, { timestamp: `+${String(nowS)}` })],
  ['with a timestamp in hex', 401, () => aSubmission(command, { timestamp: `0x${nowS.toString(16)}` })],
  ['with a timestamp as a power', 401, () => aSubmission(command, { timestamp: '1767225.6e3' })],
  ['with an ISO time', 401, () => aSubmission(command, { timestamp: '2026-01-01T00:00:00Z' })],
  ['with a timestamp that is no number', 401, () => aSubmission(command, { timestamp: 'NaN' })],
  ['with an endless timestamp', 401, () => aSubmission(command, { timestamp: '9'.repeat(400) })],
  ['with a delivery of 129 characters', 401, () => aSubmission(command, { delivery: 'd'.repeat(129) })],
  ['with a colon in the delivery', 401, () => aSubmission(command, { delivery: 'a:b' })],
  ['with the signature of version 0', 401, () => submission({ signature: own.replace('v1=', 'v0=') })],
  ['with the prefix of GitHub', 401, () => submission({ signature: own.replace('v1=', 'sha256=') })],
  ['with hex in capitals', 401, () => submission({ signature: `v1=${own.slice(3).toUpperCase()}` })],
  ['with its last digit changed', 401, () => submission({ signature: flipped(own) })],
  ['signed over the body alone', 401, () => submission({ signature: signedAs(ownBody) })],
  ['signed over timestamp and body', 401, () => submission({ signature: signedAs(`v1:${String(nowS)}:${ownBody}`) })],
  ['signed over version 0', 401, () => submission({ signature: signedAs(`v0:${String(nowS)}:build-7:${ownBody}`) })],
  ['with the body changed', 401, () => submission({ body: ownBody.replace('acme', 'evil') })],
  ['with the body decomposed', 401, () => submission({ body: ownBody.replace('ü', 'u\u0308') })],
  ['with the body in Latin-1', 401, () => submission({ body: Uint8Array.from(Buffer.from(ownBody, 'latin1')) })],
  [
    'signed, in Latin-1',
    400,
    () => {
      const body = Uint8Array.from(Buffer.from(ownBody, 'latin1'));
      const head = Buffer.from(`v1:${String(nowS)}:build-7:`);
      return submission({ body, signature: `v1=${hmac(ciSecret, Buffer.concat([head, body]))}` });
    },
  ],
  ['signed, and no JSON', 400, () => aSubmission('{"repo":')],
  ['signed, as a form', 415, () => submission({ headers: { 'content-type': 'application/x-www-form-urlencoded' } })],
  ['signed, and nested 80,000 deep', 400, () => aSubmission(`${'['.repeat(80_000)}${']'.repeat(80_000)}`)],
  ['signed, and a byte too large', 413, () => aSubmission(JSON.stringify(command).padEnd(tooMuch))],
  ['by DELETE', 405, () => submission({ method: 'DELETE' })],
  ['to the webhook of GitHub', 401, () => submission({ path: '/v1/webhooks/github' })],
];

const all = [
  ...github.map(([title, ...rest]) => [`github: ${title}`, ...rest] as const),
  ...generic.map(([title, ...rest]) => [`generic: ${title}`, ...rest] as const),
];

describe('a forged, stale or broken request', () => {
  test('is one of these, all different', () => {
    expect(new Set(all.map(([title]) => title)).size).toBe(all.length);
    expect(all).toHaveLength(107);
  });

  test('is made from ones that are taken', async () => {
    const answers = [await send(aWebhookWorld(), delivery()), await send(aWebhookWorld(), submission())];

    expect(answers.map(({ status }) => status)).toStrictEqual([201, 201]);
  });

  test.each(all)(
    '%s → %i, without a call of any port and without a word of the secret',
    async (_title, status, forge) => {
      const world = aWebhookWorld();

      const answer = await send(world, forge());

      expect([answer.status, world.calls]).toStrictEqual([status, []]);
      expect(Object.keys(answer.json)).toStrictEqual(['error']);
      const told = JSON.stringify([answer.json, [...answer.headers], world.logger.lines]);
      for (const hidden of [githubSecret, otherSecret, ciSecret, goodHex, own.slice(3)])
        expect(told).not.toContain(hidden);
    },
  );

  test('learns the same from every wrong signature', async () => {
    const world = aWebhookWorld();
    const messages = new Map<string, Set<string>>();
    for (const [title, status, forge] of all) {
      if (status !== 401) continue;
      const { path, ...sent } = forge();
      const { json } = await send(world, { path, ...sent });
      const isStale = title.includes('a second too') || title.includes('a day ago');
      const kind = isStale ? 'stale' : path;
      messages.set(kind, (messages.get(kind) ?? new Set()).add(json.error.message));
    }

    expect([...messages].map(([kind, { size }]) => [kind, size])).toStrictEqual([
      ['/v1/webhooks/github', 1],
      ['/v1/webhooks/generic', 1],
      ['stale', 1],
    ]);
  });
});
