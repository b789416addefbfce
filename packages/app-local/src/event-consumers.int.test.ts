import { createFanOut, resolveDeliverDeps, type StreamConsumer } from '@abca/app-events';
import { createDynamoStores, ensureTables, type DynamoStores } from '@abca/adapter-dynamodb';
import { dynamoDbModule } from '@abca/adapter-dynamodb/module';
import { SystemClock, UlidGenerator } from '@abca/adapter-system';
import {
  deliverDue,
  tableNames,
  tokens,
  type Clock,
  type DeliveryOutcome,
  type NewTaskEvent,
  type Notifier,
  type TableNames,
  type TaskId,
} from '@abca/core';
import { aTask, aTaskId, CapturingLogger } from '@abca/core/testing';
import { startLocalDynamoDb, type LocalDynamoDb } from '@abca/local-dynamodb';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { Container, ContainerModule } from 'inversify';
import { clientsModule, createLocalClients, type LocalClients } from './aws-clients.ts';
import { startEventConsumers, type EventConsumers, type EventConsumersOptions } from './event-consumers.ts';
import { openCheckpoint } from './stream-checkpoint.ts';

const event: NewTaskEvent = { eventType: 'admission_granted', metadata: {} };
const created: NewTaskEvent = { eventType: 'task_created', metadata: { repo: 'acme/shop', task_type: 'new_task' } };

interface Given {
  readonly Records: readonly {
    readonly dynamodb: { readonly SequenceNumber: string; readonly Keys: { readonly seq: { readonly N: string } } };
  }[];
}
const numbersOf = (batch: unknown): number[] =>
  (batch as Given).Records.map(({ dynamodb }) => Number(dynamodb.Keys.seq.N));
const sequenceOf = (batch: unknown, seq: number): string =>
  (batch as Given).Records.find(({ dynamodb }) => Number(dynamodb.Keys.seq.N) === seq)!.dynamodb.SequenceNumber;

/** A consumer that keeps what it is given, with a promise for when it has been given event `seq`. */
function recorder(answer: (batch: unknown, call: number) => readonly number[] = () => []) {
  const batches: number[][] = [];
  const waits = new Map<number, PromiseWithResolvers<undefined>>();
  const given = (seq: number): Promise<unknown> => {
    const wait = waits.get(seq) ?? Promise.withResolvers<undefined>();
    waits.set(seq, wait);
    return wait.promise;
  };
  const handle: StreamConsumer = async (batch) => {
    const numbers = numbersOf(batch);
    batches.push(numbers);
    const failed = answer(batch, batches.length);
    for (const seq of numbers.filter((number) => !failed.includes(number))) {
      void given(seq);
      waits.get(seq)?.resolve(undefined);
    }
    return { batchItemFailures: failed.map((seq) => ({ itemIdentifier: sequenceOf(batch, seq) })) };
  };
  return { batches, handle, given };
}

describe('startEventConsumers()', () => {
  let database: LocalDynamoDb;
  let clients: LocalClients;
  let tables: TableNames;
  let stores: DynamoStores;
  let installations = 0;
  const running: EventConsumers[] = [];

  beforeAll(async () => {
    database = await startLocalDynamoDb();
    clients = createLocalClients({ dynamoDb: database.endpoint, lambda: 'http://127.0.0.1:1' }, 'local');
  });

  beforeEach(async () => {
    installations += 1;
    tables = tableNames(`consumers-${String(installations)}`);
    await ensureTables(clients.dynamoDb, tables);
    stores = createDynamoStores(clients.documents, { tables, clock: new SystemClock(), ids: new UlidGenerator() });
  });

  afterEach(async () => {
    await Promise.all(running.splice(0).map((consumers) => consumers.stop()));
  });

  afterAll(async () => {
    clients.destroy();
    await database.stop();
  });

  const append = (taskId: TaskId, events: readonly NewTaskEvent[]) => stores.events.append(aTask({ taskId }), events);

  function start(
    handlers: Readonly<Record<string, StreamConsumer>>,
    more: Partial<EventConsumersOptions> = {},
  ): { consumers: EventConsumers; logger: CapturingLogger } {
    const logger = new CapturingLogger();
    const consumers = startEventConsumers({
      client: clients.streams,
      tableName: tables.events,
      consumers: Object.entries(handlers).map(([name, handle]) => ({
        name,
        handle,
        checkpoint: openCheckpoint(clients.documents, tables.outbox, name),
      })),
      sweep: async () => undefined,
      sweepMs: 60_000,
      clock: new SystemClock(),
      logger,
      ...more,
    });
    running.push(consumers);
    return { consumers, logger };
  }

  test('brings what was written before and what comes then, in order, to each consumer', async () => {
    await append(aTaskId(1), [event, event, event]);
    const [one, two] = [recorder(), recorder()];
    start({ one: one.handle, two: two.handle });
    await Promise.all([one.given(3), two.given(3)]);

    await append(aTaskId(1), [event, event]);
    await Promise.all([one.given(5), two.given(5)]);

    expect([one.batches.flat(), two.batches.flat()]).toStrictEqual([
      [1, 2, 3, 4, 5],
      [1, 2, 3, 4, 5],
    ]);
  });

  test('goes on where it was after a restart, with what was written in between', async () => {
    const before = recorder();
    const { consumers } = start({ one: before.handle });
    await append(aTaskId(1), [event, event]);
    await before.given(2);
    await consumers.stop();
    await append(aTaskId(1), [event, event]);

    const after = recorder();
    start({ one: after.handle });
    await after.given(4);

    expect([before.batches.flat(), after.batches.flat()]).toStrictEqual([
      [1, 2],
      [3, 4],
    ]);
  });

  test('a checkpoint of another stream says nothing of this one', async () => {
    await append(aTaskId(1), [event]);
    const checkpoint = openCheckpoint(clients.documents, tables.outbox, 'one');
    await checkpoint.write({ stream: 'arn:of-another', shards: { 'shardId-00000001': '99' } });
    const one = recorder();

    start({ one: one.handle });
    await one.given(1);

    expect(one.batches).toStrictEqual([[1]]);
  });

  test('begins again at the first record that failed; the other consumer goes on', async () => {
    const one = recorder((_batch, call) => (call === 1 ? [3, 5] : []));
    const two = recorder();
    await append(aTaskId(1), [event, event, event, event, event]);

    start({ one: one.handle, two: two.handle });
    await Promise.all([one.given(3), two.given(5)]);

    expect(one.batches).toStrictEqual([
      [1, 2, 3, 4, 5],
      [3, 4, 5],
    ]);
    expect(two.batches).toStrictEqual([[1, 2, 3, 4, 5]]);
  });

  test('what failed is not behind the checkpoint when it is stopped', async () => {
    const failing = recorder((batch) => numbersOf(batch).filter((seq) => seq >= 2));
    await append(aTaskId(1), [event, event]);
    const { consumers } = start({ one: failing.handle });
    await failing.given(1);
    await consumers.stop();

    const next = recorder();
    start({ one: next.handle });
    await next.given(2);

    expect(next.batches).toStrictEqual([[2]]);
  });

  test('a consumer that throws is given the whole batch again, and it is said', async () => {
    const one = recorder((_batch, call) => {
      if (call === 1) throw new Error('broken');
      return [];
    });
    await append(aTaskId(1), [event, event]);

    const { logger } = start({ one: one.handle });
    await one.given(2);

    expect(one.batches).toStrictEqual([
      [1, 2],
      [1, 2],
    ]);
    expect(logger.lines).toContainEqual(expect.objectContaining({ level: 'error', message: 'consumer failed' }));
  });

  test('gives at most 100 records at a time', async () => {
    const one = recorder();
    for (let n = 0; n < 5; n += 1)
      await append(
        aTaskId(1),
        Array.from({ length: 50 }, () => event),
      );

    start({ one: one.handle });
    await one.given(250);

    expect(one.batches.map((batch) => batch.length)).toStrictEqual([100, 100, 50]);
  });

  test('a stop waits for the batch at work, and nothing begins after it', async () => {
    const work = Promise.withResolvers<undefined>();
    const begun = Promise.withResolvers<undefined>();
    const seen: string[] = [];
    await append(aTaskId(1), [event]);
    const { consumers } = start({
      one: async () => {
        begun.resolve(undefined);
        await work.promise;
        seen.push('consumed');
        return { batchItemFailures: [] };
      },
    });
    await begun.promise;

    const stopped = consumers.stop().then(() => seen.push('stopped'));
    work.resolve(undefined);
    await stopped;
    await append(aTaskId(1), [event]);
    await consumers.stop();

    expect(seen).toStrictEqual(['consumed', 'stopped']);
  });

  test('a stop does not wait for ever', async () => {
    const begun = Promise.withResolvers<undefined>();
    await append(aTaskId(1), [event]);
    const hangs: StreamConsumer = async () => {
      begun.resolve(undefined);
      return new Promise(() => undefined);
    };
    const { consumers } = start({ one: hangs }, { stopMs: 20 });
    await begun.promise;

    await expect(consumers.stop()).resolves.toBeUndefined();
  });

  test('sweeps until it is stopped', async () => {
    const third = Promise.withResolvers<undefined>();
    let sweeps = 0;
    const sweep = async (): Promise<void> => {
      sweeps += 1;
      if (sweeps === 3) third.resolve(undefined);
    };
    const { consumers } = start({}, { sweep, sweepMs: 5 });
    await third.promise;

    await consumers.stop();
    const before = sweeps;
    await append(aTaskId(1), [event]);

    expect(sweeps).toBe(before);
  });

  test('goes on when the stream could not be read, from where it was', async () => {
    const one = recorder();
    await append(aTaskId(1), [event]);
    const away = createLocalClients({ dynamoDb: 'http://127.0.0.1:1', lambda: 'http://127.0.0.1:1' }, 'local');
    const failed = Promise.withResolvers<undefined>();
    let isAway = true;
    const client = new Proxy(clients.streams, {
      get: (target, name: 'send') =>
        name === 'send' && isAway ? away.streams.send.bind(away.streams) : Reflect.get(target, name, target),
    });
    const logger = new CapturingLogger();
    logger.with = () => logger;
    logger.warn = () => {
      failed.resolve(undefined);
    };
    start({ one: one.handle }, { client, logger });
    await failed.promise;

    isAway = false;
    await one.given(1);

    expect(one.batches).toStrictEqual([[1]]);
    away.destroy();
  });

  test('a delivery that its platform died over is made by the next one, which knows that it may have been accepted', async () => {
    const task = aTask({ taskId: aTaskId(1) });
    await stores.notificationSettings.put(task.userId, { slack: { conversation: 'C0ANN' } });
    await stores.tasks.create({ task, events: [created, event] });
    const hanging = Promise.withResolvers<DeliveryOutcome>();
    const told = [Promise.withResolvers<string>(), Promise.withResolvers<string>()] as const;

    // The first one is told, and ends before that is written down. The next one lives after its claim.
    const dying = aFanOut(0, async ({ event: { eventType } }) => {
      told[0].resolve(eventType);
      return hanging.promise;
    });
    const { consumers } = start({ 'fan-out': dying.handle }, { stopMs: 1 });
    const first = await told[0].promise;
    await consumers.stop();
    const next = aFanOut(61_000, async ({ uncertain }) => {
      told[1].resolve(`uncertain: ${String(uncertain)}`);
      return { kind: 'delivered' };
    });
    start({ 'fan-out': next.handle }, { sweep: next.sweep, sweepMs: 5 });
    const second = await told[1].promise;

    expect([first, second]).toStrictEqual(['task_created', 'uncertain: true']);
    const key = { taskId: task.taskId, seq: 1, channel: 'slack' } as const;
    await until(async () => (await stores.outbox.find(key))?.state === 'delivered');
    expect(await stores.outbox.find(key)).toMatchObject({ state: 'delivered', attempts: 2 });
    hanging.resolve({ kind: 'delivered' });
  });

  /** A fan-out over the stores, and the sweep of its outbox. @param laterMs how far its clock is ahead */
  function aFanOut(laterMs: number, deliver: Notifier['deliver']) {
    const time = new SystemClock();
    const clock: Clock = {
      nowMs: () => time.nowMs() + laterMs,
      sleep: (ms, options) => time.sleep(ms, options),
    };
    const container = new Container();
    const modules = [
      clientsModule(clients),
      dynamoDbModule({ tables }),
      new ContainerModule(({ bind }) => {
        bind(tokens.clock).toConstantValue(clock);
        bind(tokens.idGenerator).toConstantValue(new UlidGenerator());
        bind(tokens.logger).toConstantValue(new CapturingLogger());
        bind(tokens.notifier).toConstantValue({ channel: 'slack', deliver });
      }),
    ];
    container.load(...modules);
    const deps = resolveDeliverDeps(container);
    return { handle: createFanOut(modules), sweep: () => deliverDue(deps) };
  }
});

/** Looks again and again, for a second. */
async function until(isSo: () => Promise<boolean>): Promise<void> {
  for (let left = 100; left > 0 && !(await isSo()); left -= 1) await new SystemClock().sleep(10);
}
