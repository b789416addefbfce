import { FakeEcs } from '@abca/core-testing/fakes/ecs';
import { ListTasksCommand } from '@aws-sdk/client-ecs';
import { expect, test } from '@jest/globals';
import { clientConfig, createEcsClient } from './create-ecs-client.ts';
import { mapEcsError } from './ecs-errors.ts';

const more = { region: 'us-east-1', credentials: { accessKeyId: 'any', secretAccessKey: 'any' }, maxAttempts: 1 };

test('a call that gets no answer ends in time, and may be repeated', async () => {
  const ecs = await FakeEcs.start();
  ecs.holdNext('ListTasks');
  const client = createEcsClient({
    ...more,
    endpoint: ecs.url,
    requestHandler: { requestTimeout: 50, throwOnRequestTimeout: true },
  });

  const error = await client.send(new ListTasksCommand({ cluster: 'abca' })).catch((thrown: unknown) => thrown);

  expect(mapEcsError(error, 'poll', 's')).toMatchObject({ retryable: true, details: { reason: 'TimeoutError' } });
  client.destroy();
  await ecs.close();
});

test('calls end by themselves unless told otherwise', () => {
  expect(clientConfig(more)).toStrictEqual({
    ...more,
    requestHandler: { connectionTimeout: 3_000, requestTimeout: 10_000, throwOnRequestTimeout: true },
  });
  expect(clientConfig({ ...more, requestHandler: { requestTimeout: 1 } }).requestHandler).toStrictEqual({
    requestTimeout: 1,
  });
});
