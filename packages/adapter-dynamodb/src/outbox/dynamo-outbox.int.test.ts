import { limits, type DeliveryKey } from '@abca/core';
import { aTaskId, testEpochMs } from '@abca/core/testing';
import { describe, expect, test } from '@jest/globals';
import { BatchGetCommand, GetCommand, PutCommand, ScanCommand, TransactWriteCommand } from '@aws-sdk/lib-dynamodb';
import { useTestDatabase, type Intercept } from '../database.test-kit.ts';

const database = useTestDatabase();

const key: DeliveryKey = { taskId: aTaskId(1), seq: 3, channel: 'slack' };
const lease = { nowMs: testEpochMs, claimMs: limits.delivery.claimMs };
const at = { nowMs: testEpochMs + 1 };

async function anOutbox() {
  const { outbox, another, tables } = await database.install();
  const take = async (which = key) => {
    const result = await outbox.claim(which, lease);
    if (result.kind !== 'claimed') throw new Error(result.kind);
    return result.claim;
  };
  const items = async () =>
    (await database.client.send(new ScanCommand({ TableName: tables.outbox }))).Items?.sort((a, b) =>
      String(a['key']) < String(b['key']) ? -1 : 1,
    );
  return { outbox, take, items, table: tables.outbox, behind: (intercept: Intercept) => another(intercept).outbox };
}

describe('DynamoOutbox', () => {
  test('keeps an open delivery in the index and without an end', async () => {
    const { take, items } = await anOutbox();

    const { claimId } = await take();

    expect(await items()).toStrictEqual([
      {
        key: '01KATEST000000000000000001#slack#3',
        task_id: aTaskId(1),
        seq: 3,
        channel: 'slack',
        state: 'claimed',
        attempts: 1,
        uncertain: false,
        first_at: '2026-01-01T00:00:00.000Z',
        due_at: '2026-01-01T00:01:00.000Z',
        claim_id: claimId,
        open: 'open',
        version: 1,
      },
      {
        key: '01KATEST000000000000000001#slack#lane',
        claim_id: claimId,
        until: '2026-01-01T00:01:00.000Z',
        memory: {},
        ttl: (testEpochMs + limits.eventTtlMs) / 1000,
        version: 1,
      },
    ]);
  });

  test('keeps a settled one and its lane for 90 days, out of the index', async () => {
    const { outbox, take, items } = await anOutbox();
    const claim = await take();

    await outbox.settle(claim, { kind: 'delivered' }, { ...at, memory: { threadTs: '1' } });

    const ttl = Math.ceil((at.nowMs + 90 * 24 * 3_600_000) / 1000);
    expect(await items()).toStrictEqual([
      {
        key: '01KATEST000000000000000001#slack#3',
        task_id: aTaskId(1),
        seq: 3,
        channel: 'slack',
        state: 'delivered',
        attempts: 1,
        uncertain: false,
        first_at: '2026-01-01T00:00:00.000Z',
        claim_id: claim.claimId,
        ttl,
        version: 2,
      },
      { key: '01KATEST000000000000000001#slack#lane', memory: { threadTs: '1' }, ttl, version: 2 },
    ]);
  });

  test('a delivery costs one read and two writes; a repeated one costs one read', async () => {
    const { behind } = await anOutbox();
    const calls: string[] = [];
    const outbox = behind((command, send) => {
      calls.push(command.constructor.name);
      return send();
    });

    const claimed = await outbox.claim(key, lease);
    if (claimed.kind === 'claimed') await outbox.settle(claimed.claim, { kind: 'delivered' }, at);
    const first = calls.splice(0);
    await outbox.claim(key, lease);

    expect(first).toStrictEqual([BatchGetCommand, TransactWriteCommand, TransactWriteCommand].map(({ name }) => name));
    expect(calls).toStrictEqual([BatchGetCommand.name]);
  });

  test('settles a claim that came from another process', async () => {
    const { outbox, take, behind } = await anOutbox();
    const claim = await take();

    const settled = await behind((_, send) => send()).settle({ ...claim }, { kind: 'delivered' }, at);

    expect(settled).toBe('settled');
    expect(await outbox.find(key)).toMatchObject({ state: 'delivered' });
  });

  test('reads again what the store left out under load', async () => {
    const { behind } = await anOutbox();
    let reads = 0;
    const outbox = behind(async (command, send) => {
      const answer = await send();
      if (!(command instanceof BatchGetCommand)) return answer;
      reads += 1;
      const { RequestItems = {} } = command.input;
      return reads === 1 ? { Responses: {}, UnprocessedKeys: RequestItems } : answer;
    });

    const claimed = await outbox.claim(key, lease);

    expect(claimed.kind).toBe('claimed');
    expect(reads).toBe(2);
  });

  test.each(['before', 'after'] as const)(
    'somebody who takes the lane %s the write of a claim is no error',
    async (moment) => {
      const { outbox, behind } = await anOutbox();
      let raced = false;
      const slow = behind(async (command, send) => {
        if (!(command instanceof TransactWriteCommand) || raced) return send();
        raced = true;
        const other = { ...key, seq: 4 };
        if (moment === 'before') {
          await outbox.claim(other, lease);
          return send();
        }
        const answer = await send();
        await outbox.claim(other, lease);
        return answer;
      });

      const claimed = await slow.claim(key, lease);

      expect(claimed.kind).toBe(moment === 'before' ? 'held' : 'claimed');
      expect([await outbox.find(key), await outbox.find({ ...key, seq: 4 })]).toMatchObject([
        { state: moment === 'before' ? 'postponed' : 'claimed' },
        { state: moment === 'before' ? 'claimed' : 'postponed' },
      ]);
    },
  );

  test('a damaged delivery is told by its claim, and does not hide what else is due', async () => {
    const { outbox, take, table } = await anOutbox();
    await take();
    await take({ ...key, taskId: aTaskId(2) });
    const { Item } = await database.client.send(
      new GetCommand({ TableName: table, Key: { key: '01KATEST000000000000000001#slack#3' } }),
    );
    await database.client.send(new PutCommand({ TableName: table, Item: { ...Item, attempts: 'many' } }));

    const due = await outbox.listDue({ nowMs: testEpochMs + limits.delivery.claimMs, limit: 10 });

    expect(due.map(({ taskId }) => taskId)).toStrictEqual([aTaskId(1), aTaskId(2)]);
    await expect(outbox.claim(key, lease)).rejects.toMatchObject({
      code: 'STORE_CORRUPT',
      details: { paths: ['attempts'] },
    });
  });

  test('an item without a version is damaged', async () => {
    const { outbox, take, table } = await anOutbox();
    await take();
    const { Item } = await database.client.send(
      new GetCommand({ TableName: table, Key: { key: '01KATEST000000000000000001#slack#3' } }),
    );
    await database.client.send(new PutCommand({ TableName: table, Item: { ...Item, version: 'x' } }));

    await expect(outbox.claim(key, lease)).rejects.toMatchObject({ code: 'STORE_CORRUPT' });
  });
});
