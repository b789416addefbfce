import { inspect } from 'node:util';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { AbcaError, mintSessionId, type RepoId, type TokenRequest } from '@abca/core';
import { aTaskId, FakeClock } from '@abca/core/testing';
import { startLocalDynamoDb, type LocalDynamoDb } from '@abca/local-dynamodb';
import { createLocalLambda, ensureTables, type LocalLambda } from '@abca/local-lambda';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { LambdaForgeTokens } from './lambda-forge-tokens.ts';

const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
const hour = 3_600_000;
const minute = 60_000;
const session = { taskId: aTaskId(), sessionId: mintSessionId(aTaskId(), 1), generation: 1 };
const repo = 'acme/shop' as RepoId;
const read = { repo, access: 'read' } as const;

let database: LocalDynamoDb;
let service: LocalLambda;
let client: LambdaClient;
let clock: FakeClock;
/** What the function was invoked with, and what it answers. */
let asked: TokenRequest[];
let answer: (nth: number) => unknown;

beforeAll(async () => {
  database = await startLocalDynamoDb();
  const dynamo = new DynamoDBClient({ endpoint: database.endpoint, region: 'us-east-1', credentials });
  await ensureTables(dynamo, 'tokens-');
  service = createLocalLambda({
    client: dynamo,
    tablePrefix: 'tokens-',
    functions: {
      credentials: {
        durable: false,
        handler: async (event: never) => {
          asked.push(event);
          return answer(asked.length);
        },
      },
    },
  });
  const { url } = await service.start();
  client = new LambdaClient({ endpoint: url, region: 'us-east-1', credentials, maxAttempts: 1 });
});

afterAll(async () => {
  client.destroy();
  await service.close();
  await database.stop();
});

beforeEach(() => {
  clock = new FakeClock();
  asked = [];
  answer = (nth) => ({ token: `t${String(nth)}`, expiresAtMs: clock.nowMs() + hour });
});

function tokensOf(functionName = 'credentials', by = client): LambdaForgeTokens {
  return new LambdaForgeTokens(by, { functionName, session, clock });
}

describe('LambdaForgeTokens', () => {
  test('asks as its session, and names no repository', async () => {
    const expiresAtMs = clock.nowMs() + hour;

    expect(await tokensOf().get({ ...read, minRemainingMs: minute })).toStrictEqual({ token: 't1', expiresAtMs });
    expect(asked).toStrictEqual([{ ...session, access: 'read', minRemainingMs: minute }]);
  });

  test('gives the same one while it lasts for as long as is asked, to the millisecond', async () => {
    const tokens = tokensOf();
    await tokens.get(read);

    await clock.advance(hour - 5 * minute);
    expect(await tokens.get(read)).toMatchObject({ token: 't1' });
    expect(await tokens.get({ ...read, minRemainingMs: 5 * minute + 1 })).toMatchObject({ token: 't2' });
    await clock.advance(hour - 5 * minute + 1);
    expect(await tokens.get(read)).toMatchObject({ token: 't3' });
  });

  test('keeps the kinds of access apart', async () => {
    const tokens = tokensOf();

    const given = [await tokens.get(read), await tokens.get({ repo, access: 'write' }), await tokens.get(read)];

    expect(given.map(({ token }) => token)).toStrictEqual(['t1', 't2', 't1']);
  });

  test('passes on a token that was refused, and does not give it again', async () => {
    const tokens = tokensOf();
    await tokens.get(read);

    expect(await tokens.get({ ...read, refuse: 't1' })).toMatchObject({ token: 't2' });
    expect(await tokens.get({ ...read, refuse: 't1' })).toMatchObject({ token: 't2' });
    expect(asked.map(({ refuse }) => refuse)).toStrictEqual([undefined, 't1']);
  });

  test('keeps one that does not expire', async () => {
    answer = (nth) => ({ token: `t${String(nth)}` });
    const tokens = tokensOf();
    await tokens.get(read);
    await clock.advance(100 * hour);

    expect(await tokens.get(read)).toStrictEqual({ token: 't1' });
  });

  test.each(['FORBIDDEN', 'RATE_LIMIT_EXCEEDED', 'SERVICE_UNAVAILABLE', 'FORGE_ACCESS_DENIED'] as const)(
    'throws the refusal of the function with its code: %s',
    async (code) => {
      const retryable = code === 'SERVICE_UNAVAILABLE';
      answer = () => ({ error: new AbcaError(code, 'because', { retryable }).toJSON() });

      const error: unknown = await tokensOf()
        .get(read)
        .catch((thrown: unknown) => thrown);

      expect(AbcaError.is(error, code)).toBe(true);
      expect(error).toMatchObject({ message: 'because', retryable });
    },
  );

  test.each<[string, () => unknown]>([
    [
      'breaks',
      () => {
        throw new Error('my secret is hunter2');
      },
    ],
    ['answers nothing', () => undefined],
    ['answers something else', () => ({ token: '' })],
    ['answers a code that nobody knows', () => ({ error: { code: 'NOPE', message: 'x', retryable: false } })],
  ])('a function that %s is one that may be asked again; nothing of it is repeated', async (_what, broken) => {
    answer = broken;

    const error: unknown = await tokensOf()
      .get(read)
      .catch((thrown: unknown) => thrown);

    expect(error).toMatchObject({
      code: 'SERVICE_UNAVAILABLE',
      retryable: true,
      message: 'the credentials function failed',
    });
    // As somebody would print it who logs all that there is, the causes too.
    expect(inspect(error, { depth: Infinity, showHidden: true })).not.toContain('hunter2');
  });

  test('a function that is not there is an error that repeating does not mend', async () => {
    await expect(tokensOf('nobody').get(read)).rejects.toMatchObject({ code: 'STORE_ERROR', retryable: false });
  });

  test('a service that does not answer is one that it may', async () => {
    const away = new LambdaClient({ endpoint: 'http://127.0.0.1:1', region: 'us-east-1', credentials, maxAttempts: 1 });

    await expect(tokensOf('credentials', away).get(read)).rejects.toMatchObject({
      code: 'SERVICE_UNAVAILABLE',
      retryable: true,
    });
  });

  test('an aborted call rejects with the reason of its signal, and asks nobody', async () => {
    const reason = new Error('enough');

    await expect(tokensOf().get(read, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    expect(asked).toStrictEqual([]);
  });

  test('a call that is aborted while the function works rejects with the reason at once, and leaves nothing held', async () => {
    const reason = new Error('enough');
    const abort = new AbortController();
    let finish: (token: unknown) => void = () => undefined;
    answer = () => {
      abort.abort(reason);
      return new Promise((resolve) => (finish = resolve));
    };
    const tokens = tokensOf();

    await expect(tokens.get(read, { signal: abort.signal })).rejects.toBe(reason);
    finish({ token: 'late' });
    answer = (nth) => ({ token: `t${String(nth)}` });

    expect(await tokens.get(read)).toStrictEqual({ token: 't2' });
  });

  test('a refusal leaves the token of before in use, where that is good still', async () => {
    const tokens = tokensOf();
    await tokens.get(read);
    answer = () => ({ error: new AbcaError('SERVICE_UNAVAILABLE', 'away', { retryable: true }).toJSON() });

    await expect(tokens.get({ ...read, minRemainingMs: 2 * hour })).rejects.toMatchObject({ message: 'away' });

    expect(await tokens.get(read)).toMatchObject({ token: 't1' });
  });
});
