import { createDynamoStores, ensureTables, type DynamoStores } from '@abca/adapter-dynamodb';
import { SystemClock, UlidGenerator } from '@abca/adapter-system';
import { tableNames, type NewTaskEvent, type TaskId } from '@abca/core';
import { aTask, aTaskId, CapturingLogger } from '@abca/core/testing';
import { startLocalDynamoDb, type LocalDynamoDb } from '@abca/local-dynamodb';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { createLocalClients, type LocalClients } from './aws-clients.ts';
import { startEventPump, type EventPump } from './event-pump.ts';

const tables = tableNames('pump');
const event: NewTaskEvent = { eventType: 'admission_granted', metadata: {} };

describe('startEventPump()', () => {
  let database: LocalDynamoDb;
  let clients: LocalClients;
  let stores: DynamoStores;
  const pumps: EventPump[] = [];

  beforeAll(async () => {
    database = await startLocalDynamoDb();
    clients = createLocalClients({ dynamoDb: database.endpoint, lambda: 'http://127.0.0.1:1' }, 'local');
    await ensureTables(clients.dynamoDb, tables);
    const parts = { tables, clock: new SystemClock(), ids: new UlidGenerator() };
    stores = createDynamoStores(clients.documents, parts);
  });

  afterEach(async () => {
    await Promise.all(pumps.splice(0).map((pump) => pump.stop()));
  });

  afterAll(async () => {
    clients.destroy();
    await database.stop();
  });

  async function append(taskId: TaskId, count = 1): Promise<void> {
    for (let nth = 0; nth < count; nth += 1) await stores.events.append(aTask({ taskId }), [event]);
  }

  /** A pump that reads already, with what it has told so far. */
  async function aPump(
    isWanted = true,
  ): Promise<{ pump: EventPump; told: [TaskId, number][]; next: () => Promise<true> }> {
    const told: [TaskId, number][] = [];
    let heard = Promise.withResolvers<true>();
    const pump = startEventPump({
      client: clients.streams,
      tableName: tables.events,
      isWanted: () => isWanted,
      onGrowth: (taskId, seq) => {
        told.push([taskId, seq]);
        heard.resolve(true);
        heard = Promise.withResolvers();
      },
      logger: new CapturingLogger(),
    });
    pumps.push(pump);
    // It reads from now on: what "now" is shows with the first event that it tells of.
    while (told.length === 0) {
      await append(aTaskId(999));
      await Promise.race([heard.promise, new Promise((resolve) => setImmediate(resolve))]);
    }
    return { pump, told, next: () => heard.promise };
  }

  test('tells whose log has grown, up to the last event', async () => {
    const { told, next } = await aPump();

    await append(aTaskId(1), 3);
    while (!told.some(([taskId, seq]) => taskId === aTaskId(1) && seq === 3)) await next();

    const seqs = told.filter(([taskId]) => taskId === aTaskId(1)).map(([, seq]) => seq);
    expect(seqs).toStrictEqual([...seqs].sort((a, b) => a - b));
    expect(seqs.at(-1)).toBe(3);
  });

  test('tells of each of several tasks', async () => {
    const { told, next } = await aPump();

    await Promise.all([append(aTaskId(2)), append(aTaskId(3))]);
    while (new Set(told.map(([taskId]) => taskId)).size < 3) await next();

    expect(new Set(told.map(([taskId]) => taskId))).toStrictEqual(new Set([aTaskId(999), aTaskId(2), aTaskId(3)]));
  });

  test('does not tell of what was written before it began', async () => {
    await append(aTaskId(4), 2);

    const { told } = await aPump();

    expect(told.map(([taskId]) => taskId)).not.toContain(aTaskId(4));
  });

  test('tells nothing after it was stopped', async () => {
    const { pump, told } = await aPump();

    await pump.stop();
    const before = told.length;
    await append(aTaskId(5));

    expect(told).toHaveLength(before);
  });

  test('goes on to tell while nobody waits, and takes a wake-up at any time', async () => {
    const { pump, told, next } = await aPump(false);

    await append(aTaskId(6));
    pump.wake();
    while (!told.some(([taskId]) => taskId === aTaskId(6))) await next();

    expect(told.at(-1)).toStrictEqual([aTaskId(6), 1]);
  });

  test('goes on when the stream could not be read', async () => {
    const logger = new CapturingLogger();
    const failed = Promise.withResolvers<true>();
    const warn = logger.warn.bind(logger);
    logger.warn = (...args: Parameters<typeof warn>) => {
      warn(...args);
      failed.resolve(true);
    };
    const pump = startEventPump({
      client: createLocalClients({ dynamoDb: 'http://127.0.0.1:1', lambda: 'http://127.0.0.1:1' }, 'local').streams,
      tableName: tables.events,
      isWanted: () => true,
      onGrowth: () => undefined,
      logger,
    });
    pumps.push(pump);

    await failed.promise;
    await pump.stop();

    expect(logger.lines[0]).toMatchObject({ level: 'warn', message: 'event stream could not be read' });
  });
});
