import { describe, expect, test } from '@jest/globals';
import { AbcaError, limits, tokens, type ForgeTokens, type Task } from '@abca/core';
import { aTask, CapturingLogger, FakeClock, InMemoryRateLimiter, InMemoryTaskRepository } from '@abca/core/testing';
import { ContainerModule } from 'inversify';
import { createCredentialsFunction } from './credentials-function.ts';

const token = `ghs_${'a1B2'.repeat(9)}`;
const refused = `ghs_${'c3D4'.repeat(9)}`;
const task = aTask({ status: 'RUNNING' });
const { taskId, sessionId, generation } = task;
const request = { taskId, sessionId, generation, access: 'write' };

async function withTask(fields: Partial<Task> = {}, source?: ForgeTokens['get']) {
  const logger = new CapturingLogger();
  const clock = new FakeClock();
  const tasks = new InMemoryTaskRepository();
  await tasks.create({ task: { ...task, ...fields }, events: [] });
  const get: ForgeTokens['get'] = source ?? (() => Promise.resolve({ token, expiresAtMs: 7 }));
  const ports = new ContainerModule(({ bind }) => {
    bind(tokens.taskRepository).toConstantValue(tasks);
    bind(tokens.forgeTokens).toConstantValue({ get });
    bind(tokens.rateLimiter).toConstantValue(new InMemoryRateLimiter(clock));
    bind(tokens.clock).toConstantValue(clock);
    bind(tokens.logger).toConstantValue(logger);
  });
  return { ask: createCredentialsFunction([ports]), logger };
}

describe('createCredentialsFunction()', () => {
  test('answers a session of a task at work with a token', async () => {
    const { ask } = await withTask();

    expect(await ask(request)).toStrictEqual({ token, expiresAtMs: 7 });
  });

  test('leaves out when a token ends that does not', async () => {
    const { ask } = await withTask({}, () => Promise.resolve({ token }));

    expect(await ask(request)).toStrictEqual({ token });
  });

  test.each<[string, Partial<Task>, object, string]>([
    ['a task that ended', { status: 'CANCELLED' }, request, 'FORBIDDEN'],
    ['a session that was replaced', { generation: 2 }, request, 'FORBIDDEN'],
    ['more than the task may', { taskType: 'pr_review' }, request, 'FORBIDDEN'],
    ['a task that is not there', {}, { ...request, taskId: '01KATESTTASK00000000000099' }, 'FORBIDDEN'],
    ['a repository of its own choice', {}, { ...request, repo: 'acme/secrets' }, 'VALIDATION_ERROR'],
    ['no shape at all', {}, ['text'], 'VALIDATION_ERROR'],
  ])('answers %s with a code, and no token', async (_what, fields, event, code) => {
    const { ask } = await withTask(fields);

    const answer = await ask(event);

    expect(answer).toMatchObject({ error: { name: 'AbcaError', code, retryable: false } });
    expect(JSON.stringify(answer)).not.toContain(token);
  });

  test('keeps whether an error may pass, and its code', async () => {
    const away = new AbcaError('SERVICE_UNAVAILABLE', 'the forge is away', { retryable: true });
    const { ask } = await withTask({}, () => Promise.reject(away));

    expect(await ask(request)).toStrictEqual({
      error: { name: 'AbcaError', code: 'SERVICE_UNAVAILABLE', message: 'the forge is away', retryable: true },
    });
  });

  test('answers a defect, and does not break', async () => {
    const { ask } = await withTask({}, () => Promise.reject(new TypeError('x is undefined')));

    expect(await ask(request)).toMatchObject({ error: { code: 'INTERNAL_ERROR' } });
  });

  test('slows a session down that asks without end', async () => {
    const { ask } = await withTask();
    for (let nth = 0; nth < limits.tokenRate.limit; nth += 1) await ask(request);

    expect(await ask(request)).toMatchObject({ error: { code: 'RATE_LIMIT_EXCEEDED', retryable: true } });
  });

  test('logs who asked for what, and nothing else', async () => {
    const { ask, logger } = await withTask();
    await ask({ ...request, refuse: refused });
    await ask({ ...request, generation: 9, refuse: refused });
    await ask({ ...request, refuse: refused, secret: refused });

    const who = { taskId, sessionId, access: 'write' };
    expect(logger.lines).toMatchObject([
      { level: 'info', message: 'token granted', fields: who },
      { level: 'warn', message: 'token not granted', fields: { ...who, code: 'FORBIDDEN' } },
      { level: 'warn', message: 'not a request for a token', fields: {} },
    ]);
    expect(JSON.stringify(logger.lines)).not.toMatch(new RegExp(`${token}|${refused}`));
  });
});
