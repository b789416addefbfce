import { setTimeout as delay } from 'node:timers/promises';

import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import {
  GetDurableExecutionCommand,
  InvokeCommand,
  SendDurableExecutionCallbackSuccessCommand,
} from '@aws-sdk/client-lambda';
import type { DurableContext } from '@aws/durable-execution-sdk-js';
import type { Logger } from '@abca/core';

import { startTestDynamoDb, testClient, type TestDynamoDb } from '../dynamodb.test-kit.ts';
import { startTestPlatform, type TestPlatform } from '../platform.test-kit.ts';

let database: TestDynamoDb;

beforeAll(async () => {
  database = await startTestDynamoDb();
});
afterAll(() => database.stop());

async function statusOf(platform: TestPlatform, arn: string): Promise<string | undefined> {
  const command = new GetDurableExecutionCommand({ DurableExecutionArn: arn });
  return (await platform.lambda.send(command)).Status;
}

async function until(check: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 10_000;
  while (!(await check())) {
    if (Date.now() > deadline) throw new Error('it did not happen in time');
    await delay(10);
  }
}

function silentLogger(): Logger & { readonly error: jest.Mock } {
  const logger = { debug: jest.fn(), info: jest.fn(), warn: jest.fn(), error: jest.fn(), with: () => logger };
  return logger;
}

describe('a server that is started again on the same tables', () => {
  test('completes a callback and a timer that belong to the execution of the one before it', async () => {
    let callbackId = '';
    const functions: Parameters<typeof startTestPlatform>[0] = (durable) => ({
      flow: durable(async (_event: unknown, context: DurableContext) => {
        const told = await context.waitForCallback('told', async (id) => {
          callbackId = id;
        });
        await context.wait({ seconds: 1 });
        return told;
      }),
    });
    const first = await startTestPlatform(functions, { database, tablePrefix: 'again-' });
    const invoke = new InvokeCommand({ FunctionName: 'flow', InvocationType: 'Event', DurableExecutionName: 'flow-1' });
    const arn = (await first.lambda.send(invoke)).DurableExecutionArn ?? '';
    await until(async () => callbackId !== '');
    await first.stop();

    const second = await startTestPlatform(functions, { database, tablePrefix: 'again-' });
    const Result = Buffer.from('news');
    await second.lambda.send(new SendDurableExecutionCallbackSuccessCommand({ CallbackId: callbackId, Result }));
    await delay(100);
    await second.stop();
    const third = await startTestPlatform(functions, { database, tablePrefix: 'again-' });

    await until(async () => (await statusOf(third, arn)) === 'SUCCEEDED');
    const repeated = await third.lambda.send(new InvokeCommand({ ...invoke.input, InvocationType: 'RequestResponse' }));
    expect(repeated.Payload?.transformToString()).toBe('"news"');
    await third.stop();
  });

  test('keeps a chained invocation together when parent and child were both cut off', async () => {
    const hold = Promise.withResolvers<undefined>();
    let holds = true;
    const functions: Parameters<typeof startTestPlatform>[0] = (durable) => ({
      parent: durable(async (_event: unknown, context: DurableContext) => context.invoke('child', 'child', { n: 1 })),
      child: durable(async (event: { n: number }, context: DurableContext) => {
        if (holds) await hold.promise;
        return context.step(async () => event.n + 1);
      }),
    });
    const first = await startTestPlatform(functions, { database, tablePrefix: 'chain-' });
    const invoke = new InvokeCommand({ FunctionName: 'parent', InvocationType: 'Event' });
    const arn = (await first.lambda.send(invoke)).DurableExecutionArn ?? '';
    await delay(200);
    await first.stop();
    holds = false;

    const second = await startTestPlatform(functions, { database, tablePrefix: 'chain-' });

    await until(async () => (await statusOf(second, arn)) === 'SUCCEEDED');
    const { Result } = await second.lambda.send(new GetDurableExecutionCommand({ DurableExecutionArn: arn }));
    expect(Result).toBe('2');
    await second.stop();
    hold.resolve(undefined);
  });
});

describe('a database that stops answering for a while', () => {
  test('delays an execution and does not break it', async () => {
    const client = testClient(database.endpoint);
    const logger = silentLogger();
    // The start of the invocation, a checkpoint, and the end of the execution fail the first time.
    const seen: Record<string, number> = {};
    const failing = new Set(['PutItemCommand 1', 'PutItemCommand 3', 'TransactWriteItemsCommand 2']);
    client.middlewareStack.add(
      (next, context) => async (call) => {
        const name = String(context['commandName']);
        seen[name] = (seen[name] ?? 0) + 1;
        if (failing.delete(`${name} ${String(seen[name])}`)) throw new Error('the database is away');
        return next(call);
      },
      { step: 'initialize' },
    );
    const platform = await startTestPlatform(
      (durable) => ({
        flow: durable(async (_event: unknown, context: DurableContext) => context.step(async () => 'ok')),
      }),
      { database, client, logger, tablePrefix: 'away-' },
    );

    const answer = await platform.lambda.send(new InvokeCommand({ FunctionName: 'flow' }));

    expect(answer.Payload?.transformToString()).toBe('"ok"');
    expect(failing.size).toBe(0);
    expect(logger.error).toHaveBeenCalledWith(expect.stringContaining('a background step failed'), expect.anything());
    await platform.stop();
    client.destroy();
  });
});
