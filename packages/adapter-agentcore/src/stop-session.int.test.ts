import { AbcaError } from '@abca/core';
import { fakeRuntimeArn } from '@abca/core-testing/fakes/agentcore';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { anInput, createAgentCoreWorld, handle, sessionId, type AgentCoreWorld } from './agentcore-world.test-kit.ts';

let world: AgentCoreWorld;

beforeEach(async () => {
  world = await createAgentCoreWorld();
});
afterEach(() => world.close());

const alarming = (): readonly unknown[] => world.logger.lines.filter(({ level }) => level === 'error');

describe('stopSession()', () => {
  test('ends the session, and says who confirmed it', async () => {
    await world.strategy.startSession(anInput());

    expect(await world.strategy.stopSession(handle)).toStrictEqual({
      kind: 'stopped',
      provenBy: `AgentCore confirmed StopRuntimeSession of ${sessionId}`,
    });

    expect(world.fake.session(sessionId)).toMatchObject({ endedBy: 'stopped', environment: 1 });
    expect(world.fake.requests.at(-1)).toMatchObject({ operation: 'stop', runtimeArn: fakeRuntimeArn, sessionId });
  });

  test('finds a session that is gone with good cause to be no alarm (R4)', async () => {
    expect(await world.strategy.stopSession(handle)).toStrictEqual({ kind: 'already_gone' });

    expect(world.logger.lines).toStrictEqual([
      { level: 'info', message: 'agentcore session was already gone', fields: { sessionId } },
    ]);
  });

  test('does not bring an ended session up again (L21)', async () => {
    await world.strategy.startSession(anInput());
    world.program.finish(sessionId);
    await world.fake.advance(16 * 60_000);

    await world.strategy.stopSession(handle);

    expect(world.fake.session(sessionId)).toMatchObject({ endedBy: 'idle', environment: 1 });
  });

  test('logs a stop that is denied as the leak it is, with a code of its own (R4, R10)', async () => {
    await world.strategy.startSession(anInput());
    world.fake.failNext('stop', 'AccessDeniedException');

    const stopping = world.strategy.stopSession(handle);

    await expect(stopping).rejects.toMatchObject({
      code: 'SESSION_ACCESS_DENIED',
      retryable: false,
      message: expect.stringMatching(/was not stopped: .*; allow bedrock-agentcore:StopRuntimeSession on the runtime$/),
    });
    expect(alarming()).toStrictEqual([
      {
        level: 'error',
        message: 'agentcore session may still run',
        fields: {
          sessionId,
          runtimeArn: fakeRuntimeArn,
          code: 'SESSION_ACCESS_DENIED',
          reason: 'AccessDeniedException',
          kind: 'denied',
        },
      },
    ]);
    expect(world.fake.session(sessionId)?.endedBy).toBeUndefined();
  });

  test('tries a throttled stop again', async () => {
    await world.strategy.startSession(anInput());
    world.fake.failNext('stop', 'ThrottlingException', 3);

    expect(await world.strategy.stopSession(handle)).toMatchObject({ kind: 'stopped' });

    expect(world.clock.delays).toStrictEqual([1_000, 2_000, 4_000]);
    expect(world.logger.lines.at(-1)).toMatchObject({
      level: 'warn',
      message: 'agentcore call failed',
      fields: { operation: 'stop', sessionId, kind: 'throttled' },
    });
  });

  test.each([
    ['ThrottlingException', true],
    ['RetryableConflictException', true],
    ['InternalServerException', true],
    ['ConflictException', false],
    ['ValidationException', false],
    ['RuntimeClientError', false],
  ] as const)('is an error for %s, retryable: %s', async (name, retryable) => {
    await world.strategy.startSession(anInput());
    world.fake.failNext('stop', name, 4);

    const error: unknown = await world.strategy.stopSession(handle).catch((thrown: unknown) => thrown);

    expect(AbcaError.is(error, 'SESSION_STOP_FAILED')).toBe(true);
    expect(error).toMatchObject({ retryable, details: { reason: name } });
    expect(world.logger.lines.at(-1)).toMatchObject({
      level: retryable ? 'warn' : 'error',
      message: 'agentcore session may still run',
      fields: { sessionId, code: 'SESSION_STOP_FAILED', reason: name },
    });
  });

  test('takes a stop whose answer was lost for one that went before', async () => {
    await world.strategy.startSession(anInput());
    world.fake.loseNextAnswer('stop');

    expect(await world.strategy.stopSession(handle)).toStrictEqual({ kind: 'already_gone' });

    expect(world.fake.session(sessionId)).toMatchObject({ endedBy: 'stopped' });
  });

  test('ends with the reason of its signal while it waits', async () => {
    const reason = new Error('enough');
    const ending = new AbortController();
    await world.strategy.startSession(anInput());
    const held = world.fake.holdNextAnswer('stop');

    const stopping = world.strategy.stopSession(handle, { signal: ending.signal });
    await Promise.race([held.reached, stopping]);
    ending.abort(reason);

    await expect(stopping).rejects.toBe(reason);
    expect(alarming()).toStrictEqual([]);
  });
});

describe('pollSession()', () => {
  test('makes no request, whatever the state of the session (L21, R7)', async () => {
    await world.strategy.startSession(anInput());
    const asked = world.fake.requests.length;

    expect(await world.strategy.pollSession(handle)).toStrictEqual({ kind: 'unobservable' });
    world.program.finish(sessionId);
    await world.fake.advance(16 * 60_000);
    expect(await world.another().pollSession(handle)).toStrictEqual({ kind: 'unobservable' });

    expect(world.fake.requests).toHaveLength(asked);
    expect(world.fake.session(sessionId)).toMatchObject({ endedBy: 'idle', environment: 1 });
    expect(world.clients()).toBe(1);
  });

  test('does not keep an idle session: it ends when it would have', async () => {
    await world.strategy.startSession(anInput());
    world.program.finish(sessionId);

    for (let minute = 0; minute < 14; minute += 1) {
      await world.fake.advance(60_000);
      await world.strategy.pollSession(handle);
    }
    expect(world.fake.session(sessionId)?.endedBy).toBeUndefined();
    await world.fake.advance(2 * 60_000);

    expect(world.fake.session(sessionId)).toMatchObject({ endedBy: 'idle' });
  });
});

test.each([
  ['a session id that is too short', { ...handle, sessionId: 'x'.repeat(32) }, 'sessionId'],
  ['another kind of ARN', { ...handle, runtimeArn: 'arn:aws:ecs:us-east-1:123456789012:cluster/x' }, 'runtimeArn'],
  ['an endpoint', { ...handle, runtimeArn: `${handle.runtimeArn}/runtime-endpoint/DEFAULT` }, 'runtimeArn'],
  ['nothing in it', 'handle' as never, 'handle'],
])('a handle with %s is none of ours, and the field is named', async (_what, wrong, field) => {
  const message = expect.stringMatching(`^session handle is not one of agentcore: ${field}: `);

  await expect(world.strategy.pollSession(wrong)).rejects.toMatchObject({ code: 'FOREIGN_HANDLE', message });
  await expect(world.strategy.stopSession(wrong)).rejects.toMatchObject({ code: 'FOREIGN_HANDLE', message });
});
