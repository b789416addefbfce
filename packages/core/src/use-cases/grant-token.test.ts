import { describe, expect, test } from '@jest/globals';
import { AbcaError } from '../errors/abca-error.ts';
import { mintSessionId } from '../ids/ids.ts';
import { limits } from '../limits.ts';
import type { ForgeTokens } from '../ports/forge-tokens.ts';
import { taskStatuses } from '../task/task-status.ts';
import type { Task } from '../task/task.ts';
import { aTask, aTaskId, testEpochMs } from '../testing/builders.ts';
import { FakeClock } from '../testing/fake-clock.ts';
import { InMemoryRateLimiter } from '../testing/in-memory-stores.ts';
import { InMemoryTaskRepository } from '../testing/in-memory-task-repository.ts';
import { formatIso } from '../time/iso-time.ts';
import { grantToken, tokenRequestSchema, type TokenRequest } from './grant-token.ts';

const minute = 60_000;
const mine: TokenRequest = {
  taskId: aTaskId(),
  sessionId: mintSessionId(aTaskId(), 1),
  generation: 1,
  access: 'read',
};

async function withTask(fields: Partial<Task> = {}) {
  const clock = new FakeClock();
  const tasks = new InMemoryTaskRepository();
  await tasks.create({
    task: aTask({ status: 'RUNNING', leaseExpiresAt: formatIso(testEpochMs + minute), ...fields }),
    events: [],
  });
  const minted: Parameters<ForgeTokens['get']>[0][] = [];
  const tokens: ForgeTokens = {
    get: (request) => {
      minted.push(request);
      return Promise.resolve({ token: `t${String(minted.length)}`, expiresAtMs: 9 });
    },
  };
  const deps = { tasks, tokens, clock, rates: new InMemoryRateLimiter(clock) };
  return { deps, clock, minted, ask: (more: Partial<TokenRequest> = {}) => grantToken(deps, { ...mine, ...more }) };
}

describe('grantToken()', () => {
  test('gives a token for the repository of the task, whatever else there is', async () => {
    const { ask, minted } = await withTask({ repo: 'acme/other' as never });

    expect(await ask()).toStrictEqual({ token: 't1', expiresAtMs: 9 });
    expect(minted).toStrictEqual([{ repo: 'acme/other', access: 'read' }]);
  });

  test('passes on how long it must last and what was refused', async () => {
    const { ask, minted } = await withTask();

    await ask({ access: 'write', minRemainingMs: 7, refuse: 'old' });

    expect(minted).toStrictEqual([{ repo: 'acme/shop', access: 'write', minRemainingMs: 7, refuse: 'old' }]);
  });

  test.each(taskStatuses)('in %s it is given exactly while a session works', async (status) => {
    const { ask } = await withTask({ status, sessionId: mine.sessionId, generation: 1 });

    const answer = await ask().then(
      () => 'granted',
      (error: unknown) => (AbcaError.is(error) ? error.code : String(error)),
    );

    const working = ['HYDRATING', 'RUNNING', 'AWAITING_APPROVAL'];
    expect(answer).toBe(working.includes(status) ? 'granted' : 'FORBIDDEN');
  });

  test.each<[string, Partial<Task>, Partial<TokenRequest>]>([
    ['another task', {}, { taskId: aTaskId(2) }],
    ['another session', {}, { sessionId: mintSessionId(aTaskId(2), 1) }],
    ['a session that was replaced', { sessionId: mintSessionId(aTaskId(), 2), generation: 2 }, {}],
    ['a session that is to come', {}, { sessionId: mintSessionId(aTaskId(), 2), generation: 2 }],
    ['another generation', {}, { generation: 2 }],
    ['a session of a task that is being finalized', { status: 'FINALIZING' }, {}],
    ['a session of a task that was cancelled', { status: 'CANCELLED' }, {}],
    ['a session that lost its lease', { leaseExpiresAt: formatIso(testEpochMs) }, {}],
    ['another session that asks for too much', { taskType: 'pr_review' }, { generation: 2, access: 'write' }],
  ])('refuses %s in the same words, and mints nothing', async (_what, fields, request) => {
    // A row holds these from its first session on, whatever its status is now.
    const { ask, minted } = await withTask({ sessionId: mine.sessionId, generation: 1, ...fields });

    const error = await ask(request).catch((reason: unknown) => reason);

    expect(error).toMatchObject({
      code: 'FORBIDDEN',
      retryable: false,
      message: `session ${request.sessionId ?? mine.sessionId} has no task at work; it was ended or replaced`,
    });
    expect(minted).toStrictEqual([]);
  });

  test('refuses a session whose lease has run out, to the millisecond', async () => {
    const { ask, clock } = await withTask();
    await clock.advance(minute - 1);
    expect(await ask()).toMatchObject({ token: 't1' });
    await clock.advance(1);

    await expect(ask()).rejects.toMatchObject({ code: 'FORBIDDEN' });
  });

  test('throws what the source of tokens throws', async () => {
    const { deps } = await withTask();
    const denied = new AbcaError('FORGE_ACCESS_DENIED', 'the app is not installed on acme/shop; install it there');

    const grant = grantToken({ ...deps, tokens: { get: () => Promise.reject(denied) } }, mine);

    await expect(grant).rejects.toBe(denied);
  });

  test('asks for nothing once its call was aborted', async () => {
    const { deps, minted } = await withTask();
    const reason = new Error('enough');

    await expect(grantToken(deps, mine, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    expect(minted).toStrictEqual([]);
  });

  test('lets a session begin that has not renewed its lease yet', async () => {
    const { ask } = await withTask({ leaseExpiresAt: undefined as never });

    expect(await ask()).toMatchObject({ token: 't1' });
  });

  test.each<[Task['taskType'], readonly TokenRequest['access'][]]>([
    ['new_task', ['read', 'review', 'write']],
    ['pr_iteration', ['read', 'review', 'write']],
    ['pr_review', ['read', 'review']],
  ])('a %s gets tokens for %j', async (taskType, granted) => {
    for (const access of ['read', 'review', 'write'] as const) {
      const { ask, minted } = await withTask({ taskType });

      const answer = await ask({ access }).catch((error: unknown) => (error as AbcaError).message);

      if (granted.includes(access)) expect(minted).toStrictEqual([{ repo: 'acme/shop', access }]);
      else expect(answer).toBe(`a task of type ${taskType} gets no token for ${access}`);
    }
  });

  test('gives a session so many in a minute, whatever they are for', async () => {
    const { ask, clock, minted } = await withTask({ leaseExpiresAt: formatIso(testEpochMs + 10 * minute) });
    for (let nth = 0; nth < limits.tokenRate.limit; nth += 1) await ask({ access: nth % 2 === 0 ? 'read' : 'write' });

    await expect(ask()).rejects.toMatchObject({ code: 'RATE_LIMIT_EXCEEDED', retryable: true });
    expect(minted).toHaveLength(limits.tokenRate.limit);
    await clock.advance(minute);
    expect(await ask()).toMatchObject({ token: `t${String(limits.tokenRate.limit + 1)}` });
  });

  test('a refused request takes nothing of the rate', async () => {
    const { ask, minted } = await withTask({ taskType: 'pr_review' });
    for (let nth = 0; nth < limits.tokenRate.limit + 1; nth += 1) await ask({ access: 'write' }).catch(() => undefined);

    await ask();

    expect(minted).toHaveLength(1);
  });
});

describe('tokenRequestSchema', () => {
  test('takes a whole request', () => {
    const request = { ...mine, minRemainingMs: 0, refuse: 'old' };

    expect(tokenRequestSchema.parse(request)).toStrictEqual(request);
  });

  test.each([
    [{ ...mine, repo: 'acme/other' }],
    [{ ...mine, access: 'admin' }],
    [{ ...mine, generation: 0 }],
    [{ ...mine, generation: 1.5 }],
    [{ ...mine, taskId: '' }],
    [{ ...mine, taskId: 'x'.repeat(65) }],
    [{ ...mine, sessionId: '' }],
    [{ ...mine, sessionId: 'x'.repeat(129) }],
    [{ ...mine, minRemainingMs: -1 }],
    [{ ...mine, minRemainingMs: limits.sessionMs + 1 }],
    [{ ...mine, refuse: '' }],
    [{ ...mine, refuse: 'x'.repeat(1_001) }],
    [undefined],
    ['text'],
  ])('refuses %j', (request) => {
    expect(tokenRequestSchema.safeParse(request).success).toBe(false);
  });
});
