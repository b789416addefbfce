import { createFanOut, type StreamConsumer } from '@abca/app-events';
import { createDynamoStores, ensureTables, type DynamoStores } from '@abca/adapter-dynamodb';
import { dynamoDbModule } from '@abca/adapter-dynamodb/module';
import { SystemClock, UlidGenerator } from '@abca/adapter-system';
import { systemModule } from '@abca/adapter-system/module';
import { channels, createJsonLogger, tableNames, tokens, type RepoId, type Task, type UserId } from '@abca/core';
import { aRepoConfig, aTask } from '@abca/core/testing';
import { startLocalDynamoDb } from '@abca/local-dynamodb';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { ContainerModule } from 'inversify';
import { repo } from './bundled-platform.ts';
import type { Measurement } from './figure.ts';

/** The largest batch that the consumers are given. */
const batchSize = 100;
const tables = tableNames('bench');
const userId = 'local' as UserId;

/** How many records of the stream the fan-out gets through when the channels take no time. */
export const measureConsumer: Measurement = {
  name: 'consumer',
  how:
    `The fan-out is given a batch of ${String(batchSize)} records, each of another task and each told on three channels, over the ` +
    'embedded DynamoDB. The channels accept at once. The clock runs from the call to its answer: by then each delivery was ' +
    'claimed, made and written down. Then it is given the same batch again.',
  async measure({ runs }) {
    const database = await startLocalDynamoDb();
    const credentials = { accessKeyId: 'bench', secretAccessKey: 'bench' };
    const client = new DynamoDBClient({ endpoint: database.endpoint, region: 'us-east-1', credentials });
    try {
      await ensureTables(client, tables);
      const world = await openWorld(DynamoDBDocumentClient.from(client));
      const first: number[] = [];
      const again: number[] = [];
      const faults: number[] = [];
      for (let run = 0; run < runs; run += 1) {
        const batch = await world.newBatch();
        const before = world.told();
        first.push(await rateOf(world.consume, batch));
        again.push(await rateOf(world.consume, batch));
        faults.push(Math.abs(batchSize * channels.length - (world.told() - before)));
      }
      const what = `${String(batchSize)} records to three channels each`;
      return [
        { id: 'consumer-rate', what, unit: 'records/s', runs: first },
        { id: 'consumer-again-rate', what: 'the same batch once more', unit: 'records/s', runs: again },
        {
          id: 'consumer-faults',
          what: 'deliveries of both that were missing or made twice',
          unit: 'count',
          runs: faults,
          target: { exactly: 0 },
        },
      ];
    } finally {
      client.destroy();
      await database.stop();
    }
  },
};

interface World {
  readonly consume: StreamConsumer;
  /** Deliveries so far. */
  told(): number;
  /** Records of new tasks that completed. */
  newBatch(): Promise<unknown>;
}

async function openWorld(documents: DynamoDBDocumentClient): Promise<World> {
  const ids = new UlidGenerator();
  const stores = createDynamoStores(documents, { tables, clock: new SystemClock(), ids });
  await stores.repos.put(aRepoConfig({ repo: repo as RepoId, forge: 'github' }));
  await stores.notificationSettings.put(userId, {
    slack: { conversation: 'C0BENCH' },
    email: { address: 'bench@example.com' },
  });
  let told = 0;
  const deliver = async (): Promise<{ readonly kind: 'delivered' }> => {
    told += 1;
    return { kind: 'delivered' };
  };
  const fakes = new ContainerModule(({ bind }) => {
    bind(tokens.dynamoDbClient).toConstantValue(documents);
    for (const channel of channels) bind(tokens.notifier).toConstantValue({ channel, deliver });
  });
  const logger = createJsonLogger(() => undefined, { clock: new SystemClock() });
  const consume = createFanOut([fakes, systemModule({ logger }), dynamoDbModule({ tables })]);
  return { consume, told: () => told, newBatch: () => newBatch(stores, ids) };
}

async function newBatch(stores: DynamoStores, ids: UlidGenerator): Promise<unknown> {
  const tasks = Array.from({ length: batchSize }, () =>
    aTask({ taskId: ids.newTaskId(), userId, repo: repo as RepoId, status: 'FINALIZING' }),
  );
  for (const task of tasks) await stores.tasks.create({ task, events: [] });
  return { Records: tasks.map((task, index) => completedRecord(task, { eventId: ids.newEventId(), index })) };
}

function completedRecord(
  { taskId, createdAt }: Task,
  { eventId, index }: { readonly eventId: string; readonly index: number },
): unknown {
  const keys = { task_id: { S: taskId }, seq: { N: '1' } };
  const metadata = { outcome: { S: 'delivered' }, turns: { N: '3' }, cost_usd: { N: '0.5' } };
  return {
    eventName: 'INSERT',
    dynamodb: {
      Keys: keys,
      SequenceNumber: String(index + 1),
      NewImage: {
        ...keys,
        event_id: { S: eventId },
        event_type: { S: 'task_completed' },
        timestamp: { S: createdAt },
        user_id: { S: userId },
        repo: { S: repo },
        metadata: { M: metadata },
      },
    },
  };
}

async function rateOf(consume: StreamConsumer, batch: unknown): Promise<number> {
  const startMs = performance.now();
  const { batchItemFailures } = await consume(batch);
  if (batchItemFailures.length > 0) throw new Error(`${String(batchItemFailures.length)} records failed`);
  return (batchSize * 1000) / (performance.now() - startMs);
}
