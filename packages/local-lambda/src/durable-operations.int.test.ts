import { setTimeout as delay } from 'node:timers/promises';

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import {
  GetDurableExecutionCommand,
  GetDurableExecutionHistoryCommand,
  InvokeCommand,
  SendDurableExecutionCallbackFailureCommand,
  SendDurableExecutionCallbackHeartbeatCommand,
  SendDurableExecutionCallbackSuccessCommand,
} from '@aws-sdk/client-lambda';
import { StepSemantics, type DurableContext } from '@aws/durable-execution-sdk-js';

import { startTestPlatform, type TestPlatform } from './platform.test-kit.ts';

let platform: TestPlatform;
/** What a test wants to happen when its execution hands out a callback id. */
const onCallback = new Map<string, (id: string) => void | Promise<void>>();
const attempts = new Map<string, number>();

interface Event {
  readonly key: string;
  readonly n?: number;
}

function count(key: string): number {
  const next = (attempts.get(key) ?? 0) + 1;
  attempts.set(key, next);
  return next;
}

const soon = () => ({ shouldRetry: true, delay: { seconds: 1 } });
const never = () => ({ shouldRetry: false });

async function caught(work: PromiseLike<unknown>): Promise<string> {
  try {
    await work;
    return 'nothing was thrown';
  } catch (error) {
    const { name, message, cause } = error as Error & { cause?: Error };
    return `${name}: ${message}${cause === undefined ? '' : ` (${cause.name})`}`;
  }
}

const callbackTo = (key: string) => async (id: string) => {
  await onCallback.get(key)?.(id);
};

beforeAll(async () => {
  platform = await startTestPlatform((durable) => ({
    steps: durable(async (event: Event, context: DurableContext) => {
      const one = await context.step('one', async () => (event.n ?? 0) + 1);
      return context.step('two', async () => one * 2);
    }),
    retries: durable(async (event: Event, context: DurableContext) =>
      context.step(
        'flaky',
        async ({ attempt }) => {
          count(event.key);
          if (attempt < 2) throw new Error('not yet');
          return attempt;
        },
        { retryStrategy: soon },
      ),
    ),
    once: durable(async (event: Event, context: DurableContext) =>
      context.step('once', async () => count(event.key), { semantics: StepSemantics.AtMostOncePerRetry }),
    ),
    onceAgain: durable(async (event: Event, context: DurableContext) =>
      context.step(
        'once',
        async () => {
          if (count(event.key) < 2) throw new Error('again');
          return 'second';
        },
        { semantics: StepSemantics.AtMostOncePerRetry, retryStrategy: soon },
      ),
    ),
    failing: durable(async (_event: Event, context: DurableContext) =>
      context.step(
        'broken',
        async () => {
          throw new TypeError('no good');
        },
        { retryStrategy: never },
      ),
    ),
    waits: durable(async (_event: Event, context: DurableContext) => {
      await context.wait('pause', { seconds: 1 });
      return 'rested';
    }),
    waitBesideWork: durable(async (_event: Event, context: DurableContext) => {
      const begun = Date.now();
      const results = await context.parallel('both', [
        async (branch) => branch.step(async () => delay(1_700, 0)),
        async (branch) => {
          await branch.wait({ seconds: 1 });
          return Date.now() - begun;
        },
      ]);
      return results.getResults()[1];
    }),
    condition: durable(async (_event: Event, context: DurableContext) =>
      context.waitForCondition('counted', async (n: number) => n + 1, {
        initialState: 0,
        waitStrategy: (n: number) =>
          n < 2 ? { shouldContinue: true, delay: { seconds: 1 } } : { shouldContinue: false },
      }),
    ),
    callback: durable(async (event: Event, context: DurableContext) =>
      context.waitForCallback('outside', callbackTo(event.key)),
    ),
    callbackDeadline: durable(async (event: Event, context: DurableContext) =>
      caught(context.waitForCallback('outside', callbackTo(event.key), { timeout: { seconds: 1 } })),
    ),
    callbackHeartbeat: durable(async (event: Event, context: DurableContext) =>
      caught(context.waitForCallback('outside', callbackTo(event.key), { heartbeatTimeout: { seconds: 1 } })),
    ),
    callbackFails: durable(async (event: Event, context: DurableContext) =>
      caught(context.waitForCallback('outside', callbackTo(event.key))),
    ),
    callbackDuringStep: durable(async (event: Event, context: DurableContext) => {
      const [promise, id] = await context.createCallback('early');
      await context.step('completes it', async () => {
        await onCallback.get(event.key)?.(id);
      });
      return promise;
    }),
    child: durable(async (_event: Event, context: DurableContext) => {
      const inner = await context.runInChildContext('inner', async (nested) => {
        const a = await nested.step('a', async () => 'a');
        return a + (await nested.step('b', async () => 'b'));
      });
      await context.wait({ seconds: 1 });
      return inner;
    }),
    largeChild: durable(async (event: Event, context: DurableContext) => {
      const inner = await context.runInChildContext('large', async (nested) => {
        const piece = await nested.step('piece', async () => {
          count(event.key);
          return 'x'.repeat(200_000);
        });
        return piece + piece;
      });
      await context.wait({ seconds: 1 });
      return inner.length;
    }),
    fanOut: durable(async (_event: Event, context: DurableContext) => {
      const mapped = await context.map('squares', [1, 2, 3], async (item, n) => item.step(async () => n * n));
      const parallel = await context.parallel('both', [
        async (branch) => branch.step(async () => 'left'),
        async (branch) => {
          await branch.wait({ seconds: 1 });
          return 'right';
        },
      ]);
      return [...mapped.getResults(), ...parallel.getResults()];
    }),
    chain: durable(async (_event: Event, context: DurableContext) => {
      const durableChild = await context.invoke<Event, number>('to steps', 'steps', { key: '', n: 4 });
      const plainChild = await context.invoke<object, object>('to plain', 'plain', { a: 1 });
      const missing = await caught(context.invoke('to nobody', 'nobody', {}));
      const broken = await caught(context.invoke('to failing', 'failing', {}));
      const plainBroken = await caught(context.invoke('to plain failing', 'plainFailing', {}));
      return { durableChild, plainChild, missing, broken, plainBroken };
    }),
    plain: { durable: false, handler: async (event: object) => ({ ...event, b: 2 }) },
    plainFailing: {
      durable: false,
      handler: async () => {
        throw new RangeError('plain failure');
      },
    },
    large: durable(async (event: Event) => 'y'.repeat(event.n ?? 0)),
    largeStep: durable(async (event: Event, context: DurableContext) =>
      context.step('large', async () => 'z'.repeat(event.n ?? 0)),
    ),
    echo: durable(async (event: Event & { text: string }) => event.text),
    many: durable(async (event: Event, context: DurableContext) => {
      const steps = Array.from({ length: event.n ?? 0 }, (_, index) => context.step(async () => index));
      const values = await Promise.all(steps);
      await context.wait({ seconds: 1 });
      return values.reduce((sum, value) => sum + value, 0);
    }),
    nothingPending: { handler: async () => ({ Status: 'PENDING' }) },
    notDurable: { handler: async () => 'just a value' },
    throwsFirst: {
      handler: async () => {
        if (count('throwsFirst') < 3) throw new Error('cold start');
        return { Status: 'SUCCEEDED', Result: '"warm"' };
      },
    },
    slow: {
      invocationTimeoutMs: 100,
      handler: async () =>
        count('slow') < 2 ? new Promise(() => undefined) : { Status: 'SUCCEEDED', Result: '"in time"' },
    },
    endless: { executionTimeoutSeconds: 1, handler: async () => new Promise(() => undefined) },
  }));
});
afterAll(() => platform.stop());

interface Answer {
  readonly value: unknown;
  readonly error: string | undefined;
  readonly arn: string;
}

async function invoke(name: string, payload: object = {}): Promise<Answer> {
  const command = new InvokeCommand({ FunctionName: name, Payload: JSON.stringify(payload) });
  const answer = await platform.lambda.send(command);
  const value: unknown = JSON.parse(answer.Payload?.transformToString() ?? 'null');
  return { value, error: answer.FunctionError, arn: answer.DurableExecutionArn ?? '' };
}

async function eventTypes(arn: string): Promise<(string | undefined)[]> {
  const command = new GetDurableExecutionHistoryCommand({ DurableExecutionArn: arn, MaxItems: 1000 });
  return ((await platform.lambda.send(command)).Events ?? []).map((event) => event.EventType);
}

async function succeed(id: string, result: string): Promise<void> {
  const command = new SendDurableExecutionCallbackSuccessCommand({ CallbackId: id, Result: Buffer.from(result) });
  await platform.lambda.send(command);
}

describe('steps', () => {
  test('run in order', async () => {
    const { value, arn } = await invoke('steps', { n: 1 });

    expect(value).toBe(4);
    expect(await eventTypes(arn)).toStrictEqual([
      'ExecutionStarted',
      ...['StepStarted', 'StepSucceeded', 'StepStarted', 'StepSucceeded'],
      'InvocationCompleted',
      'ExecutionSucceeded',
    ]);
  });

  test('are retried after their delay', async () => {
    expect(await invoke('retries', { key: 'retries' })).toMatchObject({ value: 2 });
    expect(attempts.get('retries')).toBe(2);
  });

  test('that may run at most once run once', async () => {
    expect(await invoke('once', { key: 'once' })).toMatchObject({ value: 1 });
  });

  test('that may run at most once per retry run again after a failure', async () => {
    expect(await invoke('onceAgain', { key: 'onceAgain' })).toMatchObject({ value: 'second' });
  });

  test('that fail for good fail the execution', async () => {
    const { value, error, arn } = await invoke('failing');

    expect(error).toBe('Unhandled');
    expect(value).toMatchObject({ errorType: 'StepError', errorMessage: 'no good' });
    const stored = await platform.lambda.send(new GetDurableExecutionCommand({ DurableExecutionArn: arn }));
    expect(stored).toMatchObject({ Status: 'FAILED', Error: { ErrorMessage: 'no good' } });
  });

  test('with a result over 256 KB fail the execution as in AWS', async () => {
    expect((await invoke('largeStep', { n: 200_000 })).error).toBeUndefined();

    const { value } = await invoke('largeStep', { n: 300_000 });

    expect(JSON.stringify(value)).toContain('STEP output payload size must be less than or equal to 262144 bytes.');
  });

  test('by the thousand are stored in batches and replayed in pages', async () => {
    expect(await invoke('many', { n: 1100 })).toMatchObject({ value: (1100 * 1099) / 2 });
  });
});

describe('timers', () => {
  test('end a wait', async () => {
    expect(await invoke('waits')).toMatchObject({ value: 'rested' });
  });

  test('end a wait on time while another branch works', async () => {
    const { value } = await invoke('waitBesideWork');

    expect(value).toBeGreaterThanOrEqual(1_000);
    expect(value).toBeLessThan(1_500);
  });

  test('carry the state of a condition from check to check', async () => {
    expect(await invoke('condition')).toMatchObject({ value: 2 });
  });
});

describe('callbacks', () => {
  test('resume the handler with their result', async () => {
    onCallback.set('resume', (id) => void setTimeout(() => void succeed(id, 'done'), 50));

    expect(await invoke('callback', { key: 'resume' })).toMatchObject({ value: 'done' });
  });

  test('completed while the handler still runs are not lost', async () => {
    onCallback.set('early', (id) => succeed(id, 'early'));

    expect(await invoke('callbackDuringStep', { key: 'early' })).toMatchObject({ value: 'early' });
  });

  test('that fail reject with the error they were given', async () => {
    onCallback.set('fails', async (id) => {
      const Error = { ErrorType: 'AgentFailed', ErrorMessage: 'exit 1' };
      await platform.lambda.send(new SendDurableExecutionCallbackFailureCommand({ CallbackId: id, Error }));
    });

    expect((await invoke('callbackFails', { key: 'fails' })).value).toContain('CallbackExternalError: exit 1');
  });

  test('time out at their deadline', async () => {
    const { value } = await invoke('callbackDeadline', { key: 'nobody' });

    expect(value).toContain('CallbackTimeoutError: Callback timed out');
  });

  test('time out without a heartbeat, and live with one', async () => {
    let beats = 0;
    const begun = Date.now();
    onCallback.set('beat', (id) => {
      const beat = setInterval(() => {
        if (++beats === 3) clearInterval(beat);
        void platform.lambda.send(new SendDurableExecutionCallbackHeartbeatCommand({ CallbackId: id }));
      }, 400);
    });

    const { value } = await invoke('callbackHeartbeat', { key: 'beat' });

    expect(value).toContain('Callback timed out on heartbeat');
    expect(Date.now() - begun).toBeGreaterThanOrEqual(2_150);
  });

  test('that have ended refuse to be completed again', async () => {
    let late = '';
    onCallback.set('twice', async (id) => {
      await succeed(id, 'first');
      late = await caught(succeed(id, 'second'));
    });

    expect(await invoke('callback', { key: 'twice' })).toMatchObject({ value: 'first' });
    expect(late).toContain('CallbackTimeoutException');
  });
});

describe('child contexts', () => {
  test('hold steps, and their result is replayed', async () => {
    expect(await invoke('child')).toMatchObject({ value: 'ab' });
  });

  test('with a result over 256 KB replay their children, which do not run again', async () => {
    expect(await invoke('largeChild', { key: 'largeChild' })).toMatchObject({ value: 400_000 });
    expect(attempts.get('largeChild')).toBe(1);
  });

  test('fan out with map and parallel', async () => {
    expect(await invoke('fanOut')).toMatchObject({ value: [1, 4, 9, 'left', 'right'] });
  });
});

describe('chained invocations', () => {
  test('reach durable and plain functions, and hand back their failures', async () => {
    const { value } = await invoke('chain');

    expect(value).toStrictEqual({
      durableChild: 10,
      plainChild: { a: 1, b: 2 },
      missing: expect.stringContaining('Function not found: nobody'),
      broken: expect.stringContaining('no good'),
      plainBroken: expect.stringContaining('plain failure'),
    });
  });
});

describe('executions', () => {
  test('carry megabytes in and out', async () => {
    const text = 'é😀'.repeat(400_000);

    expect((await invoke('echo', { text })).value).toBe(text);
  });

  test('checkpoint a result that does not fit in a response', async () => {
    const n = 6 * 1024 * 1024 - 12;

    const { value, arn } = await invoke('large', { n });

    expect(String(value)).toHaveLength(n);
    expect((await eventTypes(arn)).at(-1)).toBe('ExecutionSucceeded');
  });

  test('fail when they suspend with nothing pending', async () => {
    expect((await invoke('nothingPending')).value).toMatchObject({
      errorMessage: 'Cannot return PENDING status with no pending operations.',
    });
  });

  test('fail when the handler is not durable', async () => {
    expect((await invoke('notDurable')).value).toMatchObject({
      errorMessage: 'Invalid Status in invocation output.',
    });
  });

  test('start an invocation again when one throws', async () => {
    expect((await invoke('throwsFirst')).value).toBe('warm');
  });

  test('start an invocation again when one takes too long', async () => {
    expect((await invoke('slow')).value).toBe('in time');
  });

  test('time out', async () => {
    const { arn, error } = await invoke('endless');

    expect(error).toBe('Unhandled');
    expect((await eventTypes(arn)).at(-1)).toBe('ExecutionTimedOut');
  });
});
