import { request as httpRequest } from 'node:http';

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import {
  CheckpointDurableExecutionCommand,
  GetDurableExecutionCommand,
  GetDurableExecutionHistoryCommand,
  GetDurableExecutionStateCommand,
  InvokeCommand,
  type LambdaServiceException,
  ListDurableExecutionsByFunctionCommand,
  type OperationUpdate,
  SendDurableExecutionCallbackFailureCommand,
  SendDurableExecutionCallbackHeartbeatCommand,
  SendDurableExecutionCallbackSuccessCommand,
  StopDurableExecutionCommand,
} from '@aws-sdk/client-lambda';

import { AbcaError } from '@abca/core';
import { createLocalLambda } from './index.ts';
import { startTestPlatform, testLambdaClient, type TestPlatform } from './platform.test-kit.ts';

interface Begun {
  readonly arn: string;
  readonly token: string;
  /** Let the handler return. */
  readonly finish: (output: unknown) => void;
}

interface InvocationEvent {
  readonly DurableExecutionArn: string;
  readonly CheckpointToken: string;
  readonly InitialExecutionState: { readonly Operations: readonly { readonly Id: string }[] };
}

let platform: TestPlatform;
let onBegun: (begun: Begun) => void = () => undefined;
let invocations = 0;

const update = (fields: Partial<OperationUpdate>): OperationUpdate => ({
  Id: 'op-1',
  Type: 'STEP',
  Action: 'START',
  ...fields,
});

beforeAll(async () => {
  platform = await startTestPlatform(() => ({
    manual: {
      handler: (event: InvocationEvent) =>
        new Promise((finish) => {
          invocations += 1;
          onBegun({ arn: event.DurableExecutionArn, token: event.CheckpointToken, finish });
        }),
    },
    'aliased:live': { handler: async () => ({ Status: 'SUCCEEDED', Result: '"live"' }) },
    quick: { handler: async () => ({ Status: 'SUCCEEDED', Result: '"quick"' }) },
    plain: { durable: false, handler: async (event: unknown) => event },
  }));
});
afterAll(() => platform.stop());

let counter = 0;

/** Start an execution whose checkpoints the test makes itself. */
async function begin(): Promise<Begun> {
  const begun = new Promise<Begun>((resolve) => (onBegun = resolve));
  counter += 1;
  await platform.lambda.send(
    new InvokeCommand({
      FunctionName: 'manual',
      InvocationType: 'Event',
      DurableExecutionName: `manual-${String(counter)}`,
    }),
  );
  return begun;
}

function checkpoint(begun: Begun, token: string, Updates: OperationUpdate[] = []) {
  const request = { DurableExecutionArn: begun.arn, CheckpointToken: token, Updates };
  return platform.lambda.send(new CheckpointDurableExecutionCommand(request));
}

async function refusal(work: Promise<unknown>): Promise<string> {
  try {
    await work;
  } catch (error) {
    const { name, message, $metadata } = error as LambdaServiceException;
    return `${String($metadata.httpStatusCode)} ${name}: ${message}`;
  }
  return 'accepted';
}

describe('CheckpointDurableExecution', () => {
  test('rotates the token, reports the operations, and refuses a token twice', async () => {
    const begun = await begin();

    const first = await checkpoint(begun, begun.token, [update({})]);

    expect(first.NewExecutionState?.Operations).toMatchObject([{ Id: 'op-1', Status: 'STARTED', Type: 'STEP' }]);
    expect(first.NewExecutionState?.Operations?.[0]?.StartTimestamp).toBeInstanceOf(Date);
    expect(await refusal(checkpoint(begun, begun.token, [update({ Id: 'op-2' })]))).toBe(
      '400 InvalidParameterValueException: Invalid checkpoint token',
    );
    await checkpoint(begun, first.CheckpointToken ?? '', [update({ Action: 'SUCCEED', Payload: '1' })]);
    begun.finish({ Status: 'SUCCEEDED' });
  });

  test('answers a repeated request again, which its client token tells, and applies it once', async () => {
    const begun = await begin();
    const request = {
      DurableExecutionArn: begun.arn,
      CheckpointToken: begun.token,
      ClientToken: 'client-1',
      Updates: [update({}), update({ Id: 'cb', Type: 'CALLBACK' })],
    };
    const send = () => platform.lambda.send(new CheckpointDurableExecutionCommand(request));

    const first = await send();
    const again = await send();

    expect(again.CheckpointToken).toBe(first.CheckpointToken);
    expect(again.NewExecutionState).toStrictEqual(first.NewExecutionState);
    await checkpoint(begun, first.CheckpointToken ?? '');
    expect(await refusal(send())).toContain('Invalid checkpoint token');
    begun.finish({ Status: 'SUCCEEDED' });
  });

  test('stores nothing of a batch when one update is refused', async () => {
    const begun = await begin();

    const bad = checkpoint(begun, begun.token, [update({}), update({ Id: 'op-2', Type: 'WAIT', Action: 'CANCEL' })]);

    expect(await refusal(bad)).toContain('Cannot cancel a WAIT that does not exist');
    const good = await checkpoint(begun, begun.token, [update({})]);
    expect(good.NewExecutionState?.Operations).toHaveLength(1);
    begun.finish({ Status: 'SUCCEEDED' });
  });

  test('leaves the token out when it ends the execution', async () => {
    const begun = await begin();

    const end = update({ Id: 'end', Type: 'EXECUTION', Action: 'SUCCEED', Payload: '"big"' });
    const answer = await checkpoint(begun, begun.token, [end]);

    expect(answer.CheckpointToken).toBeUndefined();
    const stored = await platform.lambda.send(new GetDurableExecutionCommand({ DurableExecutionArn: begun.arn }));
    expect(stored).toMatchObject({ Status: 'SUCCEEDED', Result: '"big"' });
    begun.finish({ Status: 'FAILED', Error: {} });
  });

  const big = 'x'.repeat(262_145);
  test.each<[string, OperationUpdate[]]>([
    ['Cannot checkpoint multiple EXECUTION updates.', [end('a'), end('b')]],
    ['EXECUTION checkpoint must be the last update.', [end('a'), update({})]],
    ['Cannot update the same operation twice in a single request.', [update({}), update({})]],
    ['Invalid action for the given operation type.', [update({ Action: 'CANCEL' })]],
    ['Invalid parent operation id.', [update({ ParentId: 'nobody' })]],
    ['Invalid parent operation id.', [update({}), update({ Id: 'op-2', ParentId: 'op-1' })]],
    ['Cannot provide a Payload for FAIL action.', [update({ Action: 'FAIL', Payload: '1' })]],
    ['Cannot provide an Error for SUCCEED action.', [update({ Action: 'SUCCEED', Error: {} })]],
    ['Invalid StepOptions for the given action.', [update({ Action: 'RETRY' })]],
    ['Invalid WaitOptions for the given action.', [update({ Type: 'WAIT' })]],
    ['Invalid ChainedInvokeOptions for the given action.', [update({ Type: 'CHAINED_INVOKE' })]],
    [
      'STEP output payload size must be less than or equal to 262144 bytes.',
      [update({ Action: 'SUCCEED', Payload: big })],
    ],
    ['Error object size must be less than 32768 bytes.', [update({ Action: 'FAIL', Error: { ErrorData: big } })]],
    ['request.Updates.0.Id', [update({ Id: 'not an id!' })]],
    ['request.Updates.0.WaitOptions.WaitSeconds', [update({ Type: 'WAIT', WaitOptions: { WaitSeconds: 0 } })]],
    ['request.Updates.0.Name', [update({ Name: 'é' })]],
  ])('refuses: %s', async (message, updates) => {
    const begun = await begin();

    const answer = await refusal(checkpoint(begun, begun.token, updates));

    expect(answer).toContain('400 InvalidParameterValueException');
    expect(answer).toContain(message);
    begun.finish({ Status: 'SUCCEEDED' });
  });
});

function end(Id: string): OperationUpdate {
  return update({ Id, Type: 'EXECUTION', Action: 'SUCCEED' });
}

describe('Invoke', () => {
  test('with a name is one execution, whoever asks', async () => {
    const before = invocations;
    const begun = new Promise<Begun>((resolve) => (onBegun = resolve));
    const command = () =>
      new InvokeCommand({
        FunctionName: 'manual',
        InvocationType: 'Event',
        DurableExecutionName: 'one',
        Payload: '{"same":true}',
      });

    const answers = await Promise.all(Array.from({ length: 8 }, () => platform.lambda.send(command())));

    expect(new Set(answers.map((answer) => answer.DurableExecutionArn)).size).toBe(1);
    expect(answers.map((answer) => answer.StatusCode)).toStrictEqual(Array.from({ length: 8 }, () => 202));
    (await begun).finish({ Status: 'SUCCEEDED', Result: '"same"' });
    const waiting = new InvokeCommand({ ...command().input, InvocationType: 'RequestResponse' });
    expect((await platform.lambda.send(waiting)).Payload?.transformToString()).toBe('"same"');
    expect(invocations - before).toBe(1);
    const other = new InvokeCommand({ ...command().input, Payload: '{"same":false}' });
    expect(await refusal(platform.lambda.send(other))).toContain('409 DurableExecutionAlreadyStartedException');
  });

  test.each([
    'aliased',
    'aliased:live',
    '000000000000:function:aliased',
    'arn:aws:lambda:us-east-1:000000000000:function:aliased:live',
  ])('finds %s', async (FunctionName) => {
    const answer = await platform.lambda.send(new InvokeCommand({ FunctionName }));

    expect(answer.Payload?.transformToString()).toBe('"live"');
    expect(answer.ExecutedVersion).toBe('live');
  });

  test('calls a plain function and hands back what it returns', async () => {
    const answer = await platform.lambda.send(new InvokeCommand({ FunctionName: 'plain', Payload: '{"a":1}' }));

    expect(answer.DurableExecutionArn).toBeUndefined();
    expect(JSON.parse(answer.Payload?.transformToString() ?? '')).toStrictEqual({ a: 1 });
  });

  test.each<[string, string, ConstructorParameters<typeof InvokeCommand>[0]]>([
    ['an unknown function', '404 ResourceNotFoundException', { FunctionName: 'nobody' }],
    ['an unknown alias', '404 ResourceNotFoundException', { FunctionName: 'aliased:dev' }],
    ['a broken name', '400 InvalidParameterValueException', { FunctionName: 'no/such' }],
    ['a broken payload', '400 InvalidRequestContentException', { FunctionName: 'quick', Payload: '{' }],
    [
      'a broken execution name',
      '400 InvalidParameterValueException',
      { FunctionName: 'quick', DurableExecutionName: 'a b' },
    ],
    [
      'an event over 1 MB',
      '413 RequestTooLargeException',
      { FunctionName: 'quick', InvocationType: 'Event', Payload: JSON.stringify('x'.repeat(1_048_576)) },
    ],
    [
      'a payload over 6 MB',
      '413 RequestTooLargeException',
      { FunctionName: 'quick', Payload: JSON.stringify('x'.repeat(6 * 1_048_576)) },
    ],
  ])('refuses %s', async (_what, expected, input) => {
    expect(await refusal(platform.lambda.send(new InvokeCommand(input)))).toContain(expected);
  });
});

describe('reading executions', () => {
  test('pages history both ways, with and without data', async () => {
    const { DurableExecutionArn } = await platform.lambda.send(
      new InvokeCommand({ FunctionName: 'quick', Payload: '{"in":1}' }),
    );
    const read = (input: object) =>
      platform.lambda.send(new GetDurableExecutionHistoryCommand({ DurableExecutionArn, ...input }));

    const first = await read({ MaxItems: 2 });
    const rest = await read({ MaxItems: 2, Marker: first.NextMarker });
    const reversed = await read({ ReverseOrder: true, IncludeExecutionData: true });

    const types = [...(first.Events ?? []), ...(rest.Events ?? [])].map((event) => event.EventType);
    expect(types).toStrictEqual(['ExecutionStarted', 'InvocationCompleted', 'ExecutionSucceeded']);
    expect(rest.NextMarker).toBeUndefined();
    expect(first.Events?.[0]?.ExecutionStartedDetails?.Input?.Payload).toBeUndefined();
    expect(reversed.Events?.map((event) => event.EventType)).toStrictEqual(types.reverse());
    expect(reversed.Events?.at(-1)?.ExecutionStartedDetails?.Input?.Payload).toBe('{"in":1}');
    expect(reversed.Events?.[0]?.ExecutionSucceededDetails?.Result?.Payload).toBe('"quick"');
  });

  test('pages the state of a running execution, for its current token only', async () => {
    const begun = await begin();
    const updates = Array.from({ length: 5 }, (_, index) => update({ Id: `op-${String(index)}` }));
    const { CheckpointToken } = await checkpoint(begun, begun.token, updates);
    const read = (token: string | undefined, Marker?: string) =>
      platform.lambda.send(
        new GetDurableExecutionStateCommand({
          DurableExecutionArn: begun.arn,
          CheckpointToken: token,
          MaxItems: 4,
          Marker,
        }),
      );

    const first = await read(CheckpointToken);
    const second = await read(CheckpointToken, first.NextMarker);

    const ids = [...(first.Operations ?? []), ...(second.Operations ?? [])].map((operation) => operation.Id);
    expect(ids.slice(1)).toStrictEqual(['op-0', 'op-1', 'op-2', 'op-3', 'op-4']);
    expect(second.NextMarker).toBeUndefined();
    expect(await refusal(read(begun.token))).toContain('Invalid checkpoint token');
    begun.finish({ Status: 'SUCCEEDED' });
  });

  test('lists the executions of a function by name, status and time, in pages', async () => {
    for (const name of ['list-1', 'list-2', 'list-3']) {
      await platform.lambda.send(new InvokeCommand({ FunctionName: 'aliased', DurableExecutionName: name }));
    }
    const list = async (input: object) => {
      const command = new ListDurableExecutionsByFunctionCommand({ FunctionName: 'aliased', ...input });
      return platform.lambda.send(command);
    };

    const newest = await list({ ReverseOrder: true, MaxItems: 2 });
    const next = await list({ ReverseOrder: true, MaxItems: 1, Marker: newest.NextMarker });

    const names = [...(newest.DurableExecutions ?? []), ...(next.DurableExecutions ?? [])];
    expect(names.map((execution) => execution.DurableExecutionName)).toStrictEqual(['list-3', 'list-2', 'list-1']);
    expect(newest.DurableExecutions?.[0]).toMatchObject({ Status: 'SUCCEEDED' });
    expect((await list({ DurableExecutionName: 'list-2' })).DurableExecutions).toHaveLength(1);
    expect((await list({ Statuses: ['RUNNING', 'FAILED'] })).DurableExecutions).toStrictEqual([]);
    expect((await list({ StartedAfter: new Date(Date.now() + 60_000) })).DurableExecutions).toStrictEqual([]);
    expect((await list({ StartedBefore: new Date(0) })).DurableExecutions).toStrictEqual([]);
  });

  test('refuses what does not exist', async () => {
    const arn = 'arn:aws:lambda:us-east-1:000000000000:function:quick:$LATEST/durable-execution/no-such/00000000-0000';
    const get = (DurableExecutionArn: string) =>
      refusal(platform.lambda.send(new GetDurableExecutionCommand({ DurableExecutionArn })));

    expect(await get(arn)).toContain('404 ResourceNotFoundException');
    expect(await get('arn:aws:lambda:nonsense')).toContain('400 InvalidParameterValueException');
  });
});

describe('StopDurableExecution', () => {
  test('ends an execution, whose invocation can do nothing more', async () => {
    const begun = await begin();
    const stop = () =>
      platform.lambda.send(
        new StopDurableExecutionCommand({ DurableExecutionArn: begun.arn, Error: { ErrorMessage: 'cancelled' } }),
      );

    const stopped = await stop();

    expect(stopped.StopTimestamp).toBeInstanceOf(Date);
    expect(await refusal(checkpoint(begun, begun.token, [update({})]))).toContain('Invalid checkpoint token');
    begun.finish({ Status: 'SUCCEEDED' });
    const stored = await platform.lambda.send(new GetDurableExecutionCommand({ DurableExecutionArn: begun.arn }));
    expect(stored).toMatchObject({ Status: 'STOPPED', Error: { ErrorMessage: 'cancelled' } });
    expect((await stop()).StopTimestamp).toStrictEqual(stopped.StopTimestamp);
  });
});

describe('callbacks', () => {
  async function callback(): Promise<{ begun: Begun; id: string }> {
    const begun = await begin();
    const answer = await checkpoint(begun, begun.token, [update({ Id: 'cb', Type: 'CALLBACK' })]);
    return { begun, id: answer.NewExecutionState?.Operations?.[0]?.CallbackDetails?.CallbackId ?? '' };
  }

  test('wake a suspended execution with what changed', async () => {
    const { begun, id } = await callback();
    const again = new Promise<Begun>((resolve) => (onBegun = resolve));
    begun.finish({ Status: 'PENDING' });

    await platform.lambda.send(
      new SendDurableExecutionCallbackFailureCommand({ CallbackId: id, Error: { ErrorType: 'Denied' } }),
    );

    const second = await again;
    const state = await platform.lambda.send(
      new GetDurableExecutionStateCommand({ DurableExecutionArn: begun.arn, CheckpointToken: second.token }),
    );
    expect(state.Operations?.[1]).toMatchObject({
      Status: 'FAILED',
      CallbackDetails: { Error: { ErrorType: 'Denied' } },
    });
    second.finish({ Status: 'SUCCEEDED' });
  });

  test('refuse ids that were never given out, and those of ended executions', async () => {
    const { begun, id } = await callback();
    const success = (CallbackId: string) =>
      refusal(platform.lambda.send(new SendDurableExecutionCallbackSuccessCommand({ CallbackId })));
    const content = JSON.parse(Buffer.from(id, 'base64').toString()) as string[];
    const forged = Buffer.from(JSON.stringify([...content.slice(0, 3), 'guess'])).toString('base64');

    expect(await success('bm90IGFuIGlk')).toContain('400 InvalidParameterValueException');
    expect(await success('***')).toContain('400 InvalidParameterValueException');
    expect(await success(forged)).toContain('404 ResourceNotFoundException');
    await platform.lambda.send(new StopDurableExecutionCommand({ DurableExecutionArn: begun.arn }));
    expect(await success(id)).toContain('400 CallbackTimeoutException');
    const beat = new SendDurableExecutionCallbackHeartbeatCommand({ CallbackId: id });
    expect(await refusal(platform.lambda.send(beat))).toContain('400 CallbackTimeoutException');
  });
});

describe('who may call', () => {
  test('only a credential that names the access key, when one is set', async () => {
    const guarded = await startTestPlatform(
      () => ({ quick: { handler: async () => ({ Status: 'SUCCEEDED', Result: '1' }) } }),
      { accessKeyId: 'AKIALOCAL', database: platform.database },
    );
    const call = async (accessKeyId: string): Promise<string> => {
      const client = testLambdaClient(guarded.url, accessKeyId);
      const answer = await refusal(client.send(new InvokeCommand({ FunctionName: 'quick' })));
      client.destroy();
      return answer;
    };

    expect(await call('AKIALOCAL')).toBe('accepted');
    expect(await call('AKIAOTHER')).toContain('403 UnrecognizedClientException');
    const bare = await fetch(`${guarded.url}/2015-03-31/functions/quick/invocations`, { method: 'POST' });
    expect(bare.status).toBe(403);
    expect(bare.headers.get('x-amzn-errortype')).toBe('MissingAuthenticationTokenException');
    await guarded.stop();
  });

  test('only under a loopback host name', async () => {
    const status = (host: string): Promise<number | undefined> =>
      new Promise((resolve, reject) => {
        const url = `${platform.url}/2025-12-01/functions/quick/durable-executions`;
        httpRequest(url, { headers: { host } }, (response) => {
          response.resume();
          resolve(response.statusCode);
        })
          .once('error', reject)
          .end();
      });

    expect(await status('evil.example:80')).toBe(403);
    expect(await status('localhost:1')).toBe(200);
    expect(await status('127.0.0.1')).toBe(200);
  });

  test('an unknown path is told so', async () => {
    const answer = await fetch(`${platform.url}/2015-03-31/layers`);

    expect(answer.status).toBe(404);
    expect(answer.headers.get('x-amzn-errortype')).toBe('ResourceNotFoundException');
  });
});

describe('start()', () => {
  test('says when the port is taken', async () => {
    const port = Number(new URL(platform.url).port);
    const second = createLocalLambda({
      client: platform.database.client,
      tablePrefix: platform.tablePrefix,
      functions: {},
    });

    const error = await second.start({ port }).catch((reason: unknown) => reason);

    expect(AbcaError.is(error, 'PORT_IN_USE')).toBe(true);
    expect((error as Error).message).toContain(`port ${String(port)} of 127.0.0.1 is in use`);
  });
});
