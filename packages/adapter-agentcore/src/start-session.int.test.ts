import { AbcaError } from '@abca/core';
import { fakeRuntimeArn } from '@abca/core-testing/fakes/agentcore';
import type { BedrockAgentCoreClient } from '@aws-sdk/client-bedrock-agentcore';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import {
  anInput,
  createAgentCoreWorld,
  handle,
  otherRuntimeArn,
  sessionId,
  taskId,
  type AgentCoreWorld,
} from './agentcore-world.test-kit.ts';
import { createAgentCoreClient } from './agentcore-calls.ts';
import { AgentCoreComputeStrategy } from './agentcore-compute-strategy.ts';

let world: AgentCoreWorld;

beforeEach(async () => {
  world = await createAgentCoreWorld({ runtimeArns: [fakeRuntimeArn, otherRuntimeArn], maxSessions: 5 });
});
afterEach(() => world.close());

const failureOf = async (call: Promise<unknown>): Promise<AbcaError> => {
  const error: unknown = await call.catch((thrown: unknown) => thrown);
  if (AbcaError.is(error)) return error;
  throw new Error(`no AbcaError: ${JSON.stringify(error)}`);
};

/** A client that tells when the head of an answer is there, and its body is about to be read. */
function createObservedClient(endpoint: string): { client: BedrockAgentCoreClient; answered: Promise<undefined> } {
  const answered = Promise.withResolvers<undefined>();
  const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
  const client = createAgentCoreClient({ endpoint, region: 'us-east-1', credentials });
  client.middlewareStack.add(
    (next) => async (args) => {
      const result = await next(args);
      setImmediate(() => answered.resolve(undefined));
      return result;
    },
    { step: 'initialize' },
  );
  return { client, answered: answered.promise };
}

describe('startSession()', () => {
  test('invokes the runtime with the environment of the session as its payload', async () => {
    const environment = { ABCA_TASK_ID: taskId, ABCA_SESSION_ID: sessionId, AWS_REGION: 'eu-west-1' };

    expect(await world.strategy.startSession(anInput({ environment }))).toStrictEqual(handle);

    expect(world.fake.requests).toStrictEqual([
      {
        operation: 'invoke',
        runtimeArn: fakeRuntimeArn,
        sessionId,
        contentType: 'application/json',
        body: JSON.stringify({ environment }),
      },
    ]);
  });

  test('starts it for a user only when the platform says so', async () => {
    await world.another({ runtimeUserId: 'abca' }).startSession(anInput());

    expect(world.fake.requests).toMatchObject([{ userId: 'abca' }]);
  });

  test('takes the runtime from the blueprint, and the handle leads every later call there (R1)', async () => {
    const started = await world.strategy.startSession(anInput({ compute: { runtimeArn: otherRuntimeArn } }));
    await world.another().stopSession(started);

    expect(started['runtimeArn']).toBe(otherRuntimeArn);
    expect(world.fake.requests.map(({ runtimeArn }) => runtimeArn)).toStrictEqual([otherRuntimeArn, otherRuntimeArn]);
  });

  test('reaches the same session when it is repeated, which begins nothing twice', async () => {
    await world.strategy.startSession(anInput());
    await world.another().startSession(anInput());

    expect(world.program.told.map((told) => told.sessionId)).toStrictEqual([sessionId, sessionId]);
    expect(world.program.begun).toStrictEqual([sessionId]);
    expect(world.fake.session(sessionId)).toMatchObject({ environment: 1 });
  });

  test('needs no logger, for a call that is repeated neither', async () => {
    const silent = new AgentCoreComputeStrategy({
      client: world.client,
      defaultRuntimeArn: fakeRuntimeArn,
      clock: world.clock,
    });
    world.fake.failNext('invoke', 'ThrottlingException');

    expect(await silent.startSession(anInput())).toStrictEqual(handle);
    world.fake.failNext('stop', 'ValidationException');
    await expect(silent.stopSession(handle)).rejects.toMatchObject({ code: 'SESSION_STOP_FAILED' });
    expect(await silent.stopSession(handle)).toMatchObject({ kind: 'stopped' });
    expect(await silent.stopSession(handle)).toStrictEqual({ kind: 'already_gone' });
  });

  test('makes one client for all calls, and none before the first (R2)', async () => {
    expect(world.clients()).toBe(0);

    const started = await world.strategy.startSession(anInput());
    await world.strategy.startSession(anInput());
    await world.strategy.stopSession(started);

    expect(world.clients()).toBe(1);
  });
});

describe('a start that the service refuses', () => {
  test.each([
    ['ThrottlingException', 'throttled'],
    ['ServiceQuotaExceededException', 'no_capacity'],
    ['RetryableConflictException', 'busy'],
    ['InternalServerException', 'unavailable'],
  ] as const)('for the time being is tried again: %s', async (name, kind) => {
    world.fake.failNext('invoke', name, 2);

    expect(await world.strategy.startSession(anInput())).toStrictEqual(handle);

    expect(world.clock.delays).toStrictEqual([1_000, 2_000]);
    expect(world.logger.lines.filter(({ level }) => level === 'warn')).toMatchObject([
      { message: 'agentcore call failed', fields: { operation: 'start', sessionId, kind } },
      { message: 'agentcore call failed', fields: { operation: 'start', sessionId, kind } },
    ]);
  });

  test.each([
    ['ThrottlingException', 'throttled'],
    ['ServiceQuotaExceededException', 'no_capacity'],
    ['RetryableConflictException', 'busy'],
  ] as const)('four times is an error that may pass, and has started nothing: %s', async (name, kind) => {
    world.fake.failNext('invoke', name, 4);

    const error = await failureOf(world.strategy.startSession(anInput()));

    expect(error).toMatchObject({ code: 'SESSION_START_FAILED', retryable: true });
    expect(error.details).toStrictEqual({ reason: name, kind });
    expect(world.clock.delays).toStrictEqual([1_000, 2_000, 4_000]);
    expect(world.fake.requests).toHaveLength(4);
  });

  test.each([
    ['AccessDeniedException', 'denied', /allow bedrock-agentcore:InvokeAgentRuntime/],
    ['ValidationException', 'refused', /did not start: ValidationException/],
    ['ResourceNotFoundException', 'not_found', /check the ARN of the runtime/],
    ['ConflictException', 'refused', /did not start: ConflictException/],
  ] as const)('for good is tried once: %s', async (name, kind, message) => {
    world.fake.failNext('invoke', name);

    const error = await failureOf(world.strategy.startSession(anInput()));

    expect(error).toMatchObject({ code: 'SESSION_START_FAILED', retryable: false });
    expect(error.message).toMatch(message);
    expect(error.details).toStrictEqual({ reason: name, kind });
    expect(world.fake.requests).toHaveLength(1);
  });

  test('for the quota of the account succeeds once a session has ended', async () => {
    const full = await createAgentCoreWorld({ maxSessions: 1 });
    const first = await full.strategy.startSession(anInput());
    const second = anInput({ sessionId: `${sessionId}0` as typeof sessionId });

    const error = await failureOf(full.strategy.startSession(second));
    await full.strategy.stopSession(first);

    expect(error.message).toMatch(/maxVms limit exceeded for account; wait for sessions to end/);
    expect(await full.strategy.startSession(second)).toMatchObject({ sessionId: second.sessionId });
    await full.close();
  });
});

describe("a start that fails in the agent's own container", () => {
  test('is for good, and says where to look', async () => {
    world.fake.breakContainers();

    const error = await failureOf(world.strategy.startSession(anInput()));

    expect(error).toMatchObject({ code: 'SESSION_START_FAILED', retryable: false });
    expect(error.message).toMatch(/RuntimeClientError: .*; see the log group of the runtime's endpoint$/);
    expect(error.details).toStrictEqual({ reason: 'RuntimeClientError', kind: 'container_failed', handle });
  });

  test.each([
    ['an error', 500, '{"accepted":false}', /Received error \(500\) from runtime/],
    ['a refusal', 200, '{"accepted":false,"error":{"code":"BUSY","message":"no"}}', /refused the session: BUSY: no;/],
    ['a refusal without a reason', 200, '{"accepted":false}', /refused the session: UNKNOWN: it gave no reason;/],
    ['another session', 200, '{"accepted":true,"session_id":"other"}', /took another session: other;/],
    ['no JSON', 200, '<html>', /answer is not understood: <html>;/],
    ['nothing', 200, '', /answer is not understood: ;/],
    ['other JSON', 200, `{"ok":"${'x'.repeat(300)}"}`, /answer is not understood: .{200};/],
  ])('is one where it answers %s; the session is there to be stopped', async (_what, status, body, message) => {
    world.program.answerNext(status, body);

    const error = await failureOf(world.strategy.startSession(anInput()));

    expect(error).toMatchObject({ code: 'SESSION_START_FAILED', retryable: false, details: { handle } });
    expect(error.message).toMatch(message);
    expect(await world.strategy.stopSession(handle)).toMatchObject({ kind: 'stopped' });
  });
});

describe('a start without an answer', () => {
  test.each(['before', 'in_the_middle'] as const)('is repeated, and has begun once: lost %s', async (at) => {
    world.fake.loseNextAnswer('invoke', at);

    expect(await world.strategy.startSession(anInput())).toStrictEqual(handle);

    expect(world.fake.requests).toHaveLength(2);
    expect(world.program.begun).toStrictEqual([sessionId]);
  });

  test.each(['before', 'in_the_middle'] as const)('in time is repeated: held %s', async (at) => {
    const held = world.fake.holdNextAnswer('invoke', at);

    const starting = world.strategy.startSession(anInput());
    await Promise.race([held.reached, starting]);
    world.clock.expire();

    expect(await starting).toStrictEqual(handle);
    expect(world.program.begun).toStrictEqual([sessionId]);
    expect(world.logger.lines).toMatchObject([
      {
        level: 'warn',
        fields: { kind: 'unanswered', error: { name: 'TimeoutError', message: 'no answer in 60000 ms' } },
      },
      { level: 'debug', message: 'agentcore session invoked', fields: { taskId, sessionId } },
    ]);
  });

  test('leaves no time limit running', async () => {
    await world.strategy.startSession(anInput());

    expect(world.clock.running).toBe(0);
  });

  test('may have started the session: the error names its handle, which stops it', async () => {
    for (const _try of [1, 2, 3, 4]) world.fake.loseNextAnswer('invoke');

    const error = await failureOf(world.strategy.startSession(anInput()));

    expect(error).toMatchObject({ code: 'SESSION_START_FAILED', retryable: true });
    expect(error.details).toMatchObject({ kind: 'unanswered', handle });
    expect(world.program.begun).toStrictEqual([sessionId]);
    expect(await world.strategy.stopSession(handle)).toMatchObject({ kind: 'stopped' });
  });

  test('may have started it also when a later try is refused', async () => {
    world.fake.loseNextAnswer('invoke');
    const starting = failureOf(world.strategy.startSession(anInput()));
    world.clock.stall = true;
    await Promise.race([world.clock.stalled.promise, starting]);
    world.clock.stall = false;

    world.fake.failNext('invoke', 'ValidationException');
    world.clock.wake();

    expect((await starting).details).toStrictEqual({ reason: 'ValidationException', kind: 'refused', handle });
  });

  test('has a handle that is known before it, without a request', async () => {
    const known = world.strategy.handleOf(anInput());

    expect(known).toStrictEqual(handle);
    expect(world.fake.requests).toStrictEqual([]);
    expect(world.clients()).toBe(0);
  });

  test('of a service that is away is an error that may pass', async () => {
    const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
    const client = () => createAgentCoreClient({ endpoint: 'http://127.0.0.1:1', region: 'us-east-1', credentials });

    const error = await failureOf(world.another({ client }).startSession(anInput()));

    expect(error).toMatchObject({ code: 'SESSION_START_FAILED', retryable: true, details: { kind: 'unanswered' } });
    expect(world.clock.delays).toHaveLength(3);
  });
});

describe('a start that is aborted', () => {
  const reason = new Error('enough');

  test.each(['before', 'in_the_middle'] as const)('while it waits for its answer ends at once: %s', async (at) => {
    const ending = new AbortController();
    const held = world.fake.holdNextAnswer('invoke', at);

    const starting = world.strategy.startSession(anInput(), { signal: ending.signal });
    await Promise.race([held.reached, starting]);
    ending.abort(reason);

    await expect(starting).rejects.toBe(reason);
    expect(world.fake.requests).toHaveLength(1);
    expect(await world.strategy.stopSession(world.strategy.handleOf(anInput()))).toMatchObject({ kind: 'stopped' });
  });

  test('while its answer is read ends at once, and gives the connection up', async () => {
    const ending = new AbortController();
    const observed = createObservedClient(world.fake.url);
    world.fake.holdNextAnswer('invoke', 'in_the_middle');

    const starting = world
      .another({ client: () => observed.client })
      .startSession(anInput(), { signal: ending.signal });
    await Promise.race([observed.answered, starting]);
    ending.abort(reason);

    await expect(starting).rejects.toBe(reason);
    observed.client.destroy();
  });

  test('between two tries makes no further one', async () => {
    const ending = new AbortController();
    world.clock.stall = true;
    world.fake.failNext('invoke', 'ThrottlingException');

    const starting = world.strategy.startSession(anInput(), { signal: ending.signal });
    await Promise.race([world.clock.stalled.promise, starting]);
    ending.abort(reason);

    await expect(starting).rejects.toBe(reason);
    expect(world.fake.requests).toHaveLength(1);
  });
});
