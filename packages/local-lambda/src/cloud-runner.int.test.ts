import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { InvocationType } from '@aws-sdk/client-lambda';
import type { DurableContext } from '@aws/durable-execution-sdk-js';
import { CloudDurableTestRunner, OperationStatus, WaitingOperationStatus } from '@aws/durable-execution-sdk-js-testing';

import { startTestPlatform, type TestPlatform } from './platform.test-kit.ts';

let platform: TestPlatform;

beforeAll(async () => {
  platform = await startTestPlatform((durable) => ({
    everything: durable(async (event: { n: number }, context: DurableContext) => {
      const doubled = await context.step('double', async () => event.n * 2);
      await context.wait('pause', { seconds: 1 });
      const nested = await context.runInChildContext('nested', async (child) => child.step('inner', async () => 'in'));
      const mapped = await context.map('items', [1, 2], async (item, n) => item.step(async () => n + 1));
      const both = await context.parallel('both', [async () => 'a', async (branch) => branch.step(async () => 'b')]);
      const invoked = await context.invoke<object, string>('call', 'callee', { from: 'caller' });
      return { doubled, nested, mapped: mapped.getResults(), both: both.getResults(), invoked };
    }),
    callee: durable(async (event: { from: string }) => `hello ${event.from}`),
    approval: durable(async (_event: unknown, context: DurableContext) =>
      context.waitForCallback<string>('approve', async () => undefined, { heartbeatTimeout: { seconds: 30 } }),
    ),
    failing: durable(async (_event: unknown, context: DurableContext) => {
      await context.step(
        'broken',
        async () => {
          throw new Error('went wrong');
        },
        { retryStrategy: () => ({ shouldRetry: false }) },
      );
    }),
  }));
});
afterAll(() => platform.stop());

function runner(functionName: string, invocationType: InvocationType): CloudDurableTestRunner {
  const config = { pollInterval: 20, invocationType };
  return new CloudDurableTestRunner({ functionName, client: platform.lambda, config });
}

describe('CloudDurableTestRunner pointed at the server', () => {
  test('sees steps, waits, child contexts, map, parallel and invoke', async () => {
    const cloud = runner('everything', InvocationType.RequestResponse);

    const result = await cloud.run({ payload: { n: 21 } });

    expect(result.getResult()).toStrictEqual({
      doubled: 42,
      nested: 'in',
      mapped: [2, 3],
      both: ['a', 'b'],
      invoked: 'hello caller',
    });
    expect(cloud.getOperation('double').getStepDetails()?.result).toBe(42);
    expect(cloud.getOperation('pause').getWaitDetails()?.waitSeconds).toBe(1);
    expect(cloud.getOperation('nested').getContextDetails()?.result).toBe('in');
    expect(cloud.getOperation('call').getStatus()).toBe(OperationStatus.SUCCEEDED);
    expect(result.getInvocations().length).toBeGreaterThanOrEqual(2);
  });

  test.each([
    ['success', 'yes'],
    ['failure', undefined],
  ])('completes a callback with %s', async (kind, expected) => {
    const cloud = runner('approval', InvocationType.Event);
    const approve = cloud.getOperation('approve');

    const running = cloud.run();
    await approve.waitForData(WaitingOperationStatus.SUBMITTED);
    await approve.sendCallbackHeartbeat();
    await (kind === 'success'
      ? approve.sendCallbackSuccess('yes')
      : approve.sendCallbackFailure({ ErrorType: 'Denied', ErrorMessage: 'no' }));
    const result = await running;

    if (kind === 'success') expect(result.getResult()).toBe(expected);
    else expect(result.getError()).toMatchObject({ errorMessage: 'no' });
  });

  test('reports a failure', async () => {
    const result = await runner('failing', InvocationType.RequestResponse).run();

    expect(result.getStatus()).toBe('FAILED');
    expect(result.getError()).toMatchObject({ errorType: 'StepError', errorMessage: 'went wrong' });
  });
});
