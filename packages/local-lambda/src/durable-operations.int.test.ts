import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { InvokeCommand, SendDurableExecutionCallbackSuccessCommand } from '@aws-sdk/client-lambda';
import type { DurableContext } from '@aws/durable-execution-sdk-js';

import { startTestPlatform, type TestPlatform } from './platform.test-kit.ts';

let platform: TestPlatform;
const callbackIds = new Map<string, (id: string) => void>();

beforeAll(async () => {
  platform = await startTestPlatform((durable) => ({
    steps: durable(async (event: { n: number }, context: DurableContext) => {
      const one = await context.step('one', async () => event.n + 1);
      return context.step('two', async () => one * 2);
    }),
    waits: durable(async (_event, context: DurableContext) => {
      await context.wait('pause', { seconds: 1 });
      return 'rested';
    }),
    callback: durable(async (event: { key: string }, context: DurableContext) => {
      return context.waitForCallback('outside', async (id) => {
        callbackIds.get(event.key)?.(id);
      });
    }),
  }));
});
afterAll(() => platform.stop());

async function invoke(name: string, payload: unknown): Promise<unknown> {
  const answer = await platform.lambda.send(
    new InvokeCommand({ FunctionName: name, Payload: JSON.stringify(payload) }),
  );
  return JSON.parse(answer.Payload?.transformToString() ?? 'null');
}

describe('durable operations over the wire', () => {
  test('runs steps in order', async () => {
    expect(await invoke('steps', { n: 1 })).toBe(4);
  });

  test('sleeps through a wait', async () => {
    expect(await invoke('waits', {})).toBe('rested');
  });

  test('resumes when a callback is completed', async () => {
    const id = new Promise<string>((resolve) => callbackIds.set('a', resolve));

    const running = invoke('callback', { key: 'a' });
    await platform.lambda.send(
      new SendDurableExecutionCallbackSuccessCommand({ CallbackId: await id, Result: Buffer.from('"done"') }),
    );

    expect(await running).toBe('"done"');
  });
});
