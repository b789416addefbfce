import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { AbcaError, type TaskId } from '@abca/core';
import { startLocalDynamoDb, type LocalDynamoDb } from '@abca/local-dynamodb';
import { createLocalLambda, ensureTables, type LambdaContext, type LocalLambda } from '@abca/local-lambda';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { DurableExecutionApiClient, withDurableExecution } from '@aws/durable-execution-sdk-js';
import { LambdaSessionSignals } from './lambda-session-signals.ts';
import { LambdaTaskExecutions } from './lambda-task-executions.ts';

const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
const taskId = '01KATESTTASK00000000000001' as TaskId;

/** Executions that run, by the task they were started for, with the id of the callback that each waits on. */
const waiting = new Map<string, string>();
let started = 0;
let database: LocalDynamoDb;
let service: LocalLambda;
let client: LambdaClient;

beforeAll(async () => {
  database = await startLocalDynamoDb();
  const dynamo = new DynamoDBClient({ endpoint: database.endpoint, region: 'us-east-1', credentials });
  await ensureTables(dynamo, 'test-');
  service = createLocalLambda({
    client: dynamo,
    tablePrefix: 'test-',
    functions: { orchestrator: handler },
  });
  const { url } = await service.start();
  client = new LambdaClient({ endpoint: url, region: 'us-east-1', credentials, maxAttempts: 1 });
});

afterAll(async () => {
  await service.close();
  await database.stop();
});

function handler(event: never, context: LambdaContext): unknown {
  const workflow = withDurableExecution(
    async (input: { taskId: string }, ctx) => {
      const [done, callbackId] = await ctx.createCallback<string>('session-ended', { timeout: { minutes: 1 } });
      await ctx.step('note', async () => {
        started += 1;
        waiting.set(input.taskId, callbackId);
      });
      await done;
    },
    { durableExecutionClient: new DurableExecutionApiClient(client) },
  );
  return workflow(event, context as never);
}

async function callbackOf(id: string): Promise<string> {
  for (let tries = 0; tries < 400; tries += 1) {
    const callbackId = waiting.get(id);
    if (callbackId !== undefined) return callbackId;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error(`the workflow of ${id} did not start`);
}

describe('a workflow on the Lambda API', () => {
  test('two starts for one task are one execution, and its callback is completed once', async () => {
    const executions = new LambdaTaskExecutions(client, 'orchestrator');
    const signals = new LambdaSessionSignals(client);

    await Promise.all([executions.start(taskId), executions.start(taskId)]);
    const callbackId = await callbackOf(taskId);

    expect(await signals.heartbeat(callbackId)).toStrictEqual({ kind: 'delivered' });
    expect(await signals.complete(callbackId, { outcome: 'finished' })).toStrictEqual({ kind: 'delivered' });
    expect(await signals.complete(callbackId, { outcome: 'again' })).toStrictEqual({ kind: 'gone' });
    expect(await signals.heartbeat(callbackId)).toStrictEqual({ kind: 'gone' });
    await executions.start(taskId);
    expect(started).toBe(1);
  });

  test('a function that is not there is an error that repeating does not mend', async () => {
    const error: unknown = await new LambdaTaskExecutions(client, 'nobody')
      .start(taskId)
      .catch((thrown: unknown) => thrown);

    expect(error).toMatchObject({
      code: 'STORE_ERROR',
      retryable: false,
      details: { reason: 'ResourceNotFoundException' },
    });
    expect((error as Error).message).toContain(`the workflow of task ${taskId} was not started`);
  });

  test('a service that does not answer is one that it may', async () => {
    const away = new LambdaClient({ endpoint: 'http://127.0.0.1:1', region: 'us-east-1', credentials, maxAttempts: 1 });

    for (const call of [
      () => new LambdaTaskExecutions(away, 'orchestrator').start(taskId),
      () => new LambdaSessionSignals(away).complete('callback', {}),
      () => new LambdaSessionSignals(away).heartbeat('callback'),
    ]) {
      const error: unknown = await call().catch((thrown: unknown) => thrown);
      expect(AbcaError.is(error, 'SERVICE_UNAVAILABLE')).toBe(true);
      expect(error).toMatchObject({ retryable: true });
    }
  });

  test('an aborted call rejects with the reason of its signal', async () => {
    const reason = new Error('enough');
    const signal = AbortSignal.abort(reason);

    await expect(new LambdaSessionSignals(client).heartbeat('callback', { signal })).rejects.toBe(reason);
    await expect(new LambdaTaskExecutions(client, 'orchestrator').start(taskId, { signal })).rejects.toBe(reason);
  });

  test('an id that never was a callback is nobody to tell', async () => {
    expect(await new LambdaSessionSignals(client).complete('not-a-callback', {})).toStrictEqual({ kind: 'gone' });
  });
});
