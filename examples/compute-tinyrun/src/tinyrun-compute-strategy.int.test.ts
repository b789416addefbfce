import { AbcaError, type StoredHandle } from '@abca/core';
import { FakeClock } from '@abca/core/testing';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { TinyRunComputeStrategy } from './tinyrun-compute-strategy.ts';
import type { Trouble } from './tinyrun-server.test-kit.ts';
import { anInput, createWorld, jobId, type TinyRunWorld } from './tinyrun-world.test-kit.ts';

let world: TinyRunWorld;

beforeEach(async () => {
  world = await createWorld();
});

afterEach(async () => {
  await world.server.close();
});

async function errorOf(call: Promise<unknown>): Promise<Pick<AbcaError, 'code' | 'retryable' | 'message'>> {
  const error = await call.then(
    () => new Error('no error'),
    (caught: unknown) => caught,
  );
  if (!AbcaError.is(error)) throw error;
  const { code, retryable, message } = error;
  return { code, retryable, message };
}

const aHandle = (): StoredHandle => ({
  strategyType: 'tinyrun',
  sessionId: anInput().sessionId,
  endpoint: world.server.endpoint,
  jobId,
});

describe('TinyRunComputeStrategy', () => {
  describe('startSession()', () => {
    test('makes one job, named after the session, with ids in its environment and no secret in its handle', async () => {
      const handle = await world.strategy.startSession(anInput({ compute: { size: 'large' } }));

      expect(handle).toStrictEqual(aHandle());
      expect(world.server.requests.at(-1)).toBe(`PUT /jobs/${jobId}`);
      expect(JSON.stringify(handle)).not.toContain(world.server.apiKey);
    });

    test('finds the job of a start whose answer was lost', async () => {
      world.server.trouble('lose_answer');
      const lost = await errorOf(world.strategy.startSession(anInput()));
      const handle = await world.another().startSession(anInput({ environment: { ABCA_DYNAMODB_ENDPOINT: 'moved' } }));

      expect(lost).toMatchObject({ code: 'SESSION_START_FAILED', retryable: true });
      expect(handle).toStrictEqual(aHandle());
      expect(world.server.starts).toStrictEqual([jobId]);
    });

    test.each([
      [{ size: 'huge' }, /size/],
      [{ region: 'north' }, /region/],
    ])('refuses the settings %j before it asks for anything', async (compute, problem) => {
      const error = await errorOf(world.strategy.startSession(anInput({ compute })));

      expect(error).toStrictEqual({
        code: 'SESSION_START_FAILED',
        retryable: false,
        message: expect.stringMatching(problem),
      });
      expect(world.server.starts).toStrictEqual([]);
    });

    test('refuses a session id that is no name for a job', async () => {
      const sessionId = '../programs/agent' as ReturnType<typeof anInput>['sessionId'];

      const error = await errorOf(world.strategy.startSession(anInput({ sessionId })));

      expect(error).toMatchObject({ code: 'SESSION_START_FAILED', retryable: false });
      expect(world.server.requests.at(-1)).toBe('PUT /programs/agent');
    });
  });

  describe('stopSession()', () => {
    test('ends the program and says what shows it', async () => {
      const handle = await world.strategy.startSession(anInput());

      const outcome = await world.strategy.stopSession(handle);

      expect(outcome).toStrictEqual({ kind: 'stopped', provenBy: `TinyRun shows job ${jobId} as stopped` });
      expect(await world.strategy.pollSession(handle)).toStrictEqual({ kind: 'failed', error: 'the job was stopped' });
    });

    test('is only requested while the job is not seen to end within the bound', async () => {
      const clock = new FakeClock();
      const strategy = world.another({ clock, stopBoundMs: 0 });
      world.server.show(jobId, { state: 'stopping' });

      expect(await strategy.stopSession(aHandle())).toStrictEqual({ kind: 'requested' });
    });

    test('is proven by a second call when its first answer was lost', async () => {
      const handle = await world.strategy.startSession(anInput());
      world.server.trouble('lose_answer');

      const lost = await errorOf(world.strategy.stopSession(handle));
      const outcome = await world.strategy.stopSession(handle);

      expect(lost).toMatchObject({ code: 'SESSION_STOP_FAILED', retryable: true });
      expect(['stopped', 'already_gone']).toContain(outcome.kind);
    });

    test('ends with the reason of its signal while it waits for the end', async () => {
      world.server.show(jobId, { state: 'stopping' });
      const clock = new FakeClock();
      const aborting = new AbortController();
      const asleep = new Promise<void>((resolve) => {
        const sleep = clock.sleep.bind(clock);
        clock.sleep = (...args) => {
          resolve();
          return sleep(...args);
        };
      });

      const stopping = world.another({ clock }).stopSession(aHandle(), { signal: aborting.signal });
      stopping.catch(() => undefined);
      await asleep;
      const reason = new Error('enough');
      aborting.abort(reason);

      await expect(stopping).rejects.toBe(reason);
    });
  });

  const verbs = {
    start: (strategy: TinyRunComputeStrategy, signal?: AbortSignal) =>
      strategy.startSession(anInput(), signal && { signal }),
    poll: (strategy: TinyRunComputeStrategy, signal?: AbortSignal) =>
      strategy.pollSession(aHandle(), signal && { signal }),
    stop: (strategy: TinyRunComputeStrategy, signal?: AbortSignal) =>
      strategy.stopSession(aHandle(), signal && { signal }),
  };
  const codes = { start: 'SESSION_START_FAILED', poll: 'SESSION_POLL_FAILED', stop: 'SESSION_STOP_FAILED' } as const;
  const refusal = (status: number): Trouble => ({ status, message: 'why it is' });

  describe.each(Object.entries(verbs))('the errors of %s', (name, call) => {
    const code = codes[name as keyof typeof codes];

    test.each([
      [refusal(429), true, /429: why it is/],
      [refusal(503), true, /503: why it is/],
      [refusal(422), false, /422: why it is/],
      ['lose_answer' as const, true, /cannot be reached/],
      ['no_json' as const, false, /the answer is not a job/],
    ])('after %j: retryable is %p', async (trouble, retryable, message) => {
      world.server.trouble(trouble);

      const error = await errorOf(call(world.strategy));

      expect(error).toStrictEqual({ code, retryable, message: expect.stringMatching(message) });
    });

    test('say which key is missing, and do not say the key', async () => {
      const error = await errorOf(call(world.another({ apiKey: 'an-old-key' })));

      expect(error).toStrictEqual({
        code: name === 'start' ? 'SESSION_START_FAILED' : 'SESSION_ACCESS_DENIED',
        retryable: false,
        message: expect.stringMatching(/refused the key/),
      });
      expect(error.message).not.toContain('an-old-key');
    });

    test('are retryable when no answer comes in time', async () => {
      world.server.trouble('hang');

      const error = await errorOf(call(world.another({ requestTimeoutMs: 20 })));

      expect(error).toMatchObject({ code, retryable: true });
    });

    test('are none when the caller hangs up: its reason comes back', async () => {
      world.server.trouble('hang');
      const aborting = new AbortController();
      const reason = new Error('enough');

      const calling = call(world.strategy, aborting.signal);
      aborting.abort(reason);

      await expect(calling).rejects.toBe(reason);
    });
  });

  test('never sends its key to the address of a handle, nor takes the answer of another TinyRun for the truth', async () => {
    const handle = { ...aHandle(), endpoint: 'http://127.0.0.1:1' };
    const before = world.server.requests.length;

    for (const call of [world.strategy.pollSession(handle), world.strategy.stopSession(handle)]) {
      expect(await errorOf(call)).toMatchObject({ code: 'FOREIGN_HANDLE', message: expect.stringMatching(/it is of/) });
    }
    expect(world.server.requests).toHaveLength(before);
  });
});
