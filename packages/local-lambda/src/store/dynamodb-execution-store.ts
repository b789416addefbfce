import {
  type AttributeValue,
  ConditionalCheckFailedException,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  type QueryCommandInput,
  type TransactWriteItem,
  TransactionCanceledException,
  TransactWriteItemsCommand,
} from '@aws-sdk/client-dynamodb';
import { AbcaError } from '@abca/core';

import type { Change } from '../model/execution.ts';
import type { ExecutionKey, ExecutionStore, ExecutionSummary, SummaryPage, SummaryQuery } from './execution-store.ts';
import { partKey, recordKey, splitText } from './journal.ts';
import { joinRecords, parseKey, parseSummary, summaryKey, toSummaryItem } from './items.ts';

type Item = Record<string, AttributeValue>;

const NEW_ONLY = { ConditionExpression: 'attribute_not_exists(pk)' } as const;

/**
 * The journal in one DynamoDB table.
 *
 * A change is one item (`J#<version>`), written only if that position is free. A change too large for an item is cut
 * into parts that are written first; the item that names them is the commit, so that parts of a write that was cut off
 * are never read.
 */
export class DynamoDbExecutionStore implements ExecutionStore {
  readonly #client: DynamoDBClient;
  readonly #tableName: string;
  readonly #newWriteId: () => string;

  constructor(client: DynamoDBClient, tableName: string, newWriteId: () => string) {
    this.#client = client;
    this.#tableName = tableName;
    this.#newWriteId = newWriteId;
  }

  async create(summary: ExecutionSummary, change: Change): Promise<'created' | 'exists'> {
    const record = await this.#prepare(summary, 0, change);
    const running = { pk: { S: 'RUNNING' }, sk: { S: summaryKey(summary) }, ...keyAttributes(summary) };
    const isWritten = await this.#transact([
      { Put: { TableName: this.#tableName, Item: record, ...NEW_ONLY } },
      { Put: { TableName: this.#tableName, Item: running } },
      { Put: { TableName: this.#tableName, Item: toSummaryItem(summary) } },
    ]);
    return isWritten ? 'created' : 'exists';
  }

  async append(key: ExecutionKey, version: number, change: Change, closed?: ExecutionSummary): Promise<void> {
    const record = await this.#prepare(key, version, change);
    const isWritten = closed === undefined ? await this.#put(record) : await this.#close(record, closed);
    if (isWritten || (await this.#isStored(record))) return;
    throw new AbcaError(
      'STORE_ERROR',
      `execution ${key.name} was changed by another process at position ${String(version)}; run one server per table`,
    );
  }

  async find(key: ExecutionKey): Promise<readonly Change[] | undefined> {
    const items = await this.#queryAll({
      KeyConditionExpression: 'pk = :pk',
      ExpressionAttributeValues: { ':pk': { S: journalKey(key) } },
    });
    return items.length === 0 ? undefined : joinRecords(items);
  }

  async listRunning(): Promise<readonly ExecutionKey[]> {
    const items = await this.#queryAll({
      KeyConditionExpression: 'pk = :pk',
      ExpressionAttributeValues: { ':pk': { S: 'RUNNING' } },
    });
    return items.map(parseKey);
  }

  async list(query: SummaryQuery): Promise<SummaryPage> {
    const pk = { S: `F#${query.functionName}` };
    const answer = await this.#client.send(
      new QueryCommand({
        TableName: this.#tableName,
        ConsistentRead: true,
        ScanIndexForward: !query.newestFirst,
        Limit: query.limit,
        KeyConditionExpression: 'pk = :pk AND sk BETWEEN :from AND :to',
        ExpressionAttributeValues: {
          ':pk': pk,
          ':from': { S: timeKey(query.fromMs) },
          ':to': { S: `${timeKey(query.toMs)}#\uffff` },
        },
        ...(query.after !== undefined && { ExclusiveStartKey: { pk, sk: { S: query.after } } }),
      }),
    );
    const items = (answer.Items ?? []).map((item) => ({
      summary: parseSummary(item),
      position: item['sk']?.S ?? '',
    }));
    return { items, isLast: answer.LastEvaluatedKey === undefined };
  }

  /** Write all but the first piece of a large change, and return the item that commits it. */
  async #prepare(key: ExecutionKey, version: number, change: Change): Promise<Item> {
    const [first = '', ...rest] = splitText(JSON.stringify(change));
    const pk = { S: journalKey(key) };
    const item: Item = { pk, sk: { S: recordKey(version) }, d: { S: first } };
    if (rest.length === 0) return item;
    const writeId = this.#newWriteId();
    for (const [index, text] of rest.entries()) {
      const part = { pk, sk: { S: partKey(version, writeId, index + 1) }, d: { S: text } };
      await this.#client.send(new PutItemCommand({ TableName: this.#tableName, Item: part }));
    }
    return { ...item, w: { S: writeId }, n: { N: String(rest.length) } };
  }

  async #put(record: Item): Promise<boolean> {
    try {
      await this.#client.send(new PutItemCommand({ TableName: this.#tableName, Item: record, ...NEW_ONLY }));
      return true;
    } catch (error) {
      if (error instanceof ConditionalCheckFailedException) return false;
      throw error;
    }
  }

  /** A write whose answer was lost is repeated by the client and then finds its own item. */
  async #isStored(record: Item): Promise<boolean> {
    const { pk, sk, d } = record;
    if (pk === undefined || sk === undefined) return false;
    const input = { TableName: this.#tableName, Key: { pk, sk }, ConsistentRead: true };
    const { Item: stored } = await this.#client.send(new GetItemCommand(input));
    return stored?.['d']?.S === d?.S && stored?.['w']?.S === record['w']?.S;
  }

  #close(record: Item, closed: ExecutionSummary): Promise<boolean> {
    const running = { pk: { S: 'RUNNING' }, sk: { S: summaryKey(closed) } };
    return this.#transact([
      { Put: { TableName: this.#tableName, Item: record, ...NEW_ONLY } },
      { Delete: { TableName: this.#tableName, Key: running } },
      { Put: { TableName: this.#tableName, Item: toSummaryItem(closed) } },
    ]);
  }

  /** @returns false when the condition on the first item failed. */
  async #transact(items: TransactWriteItem[]): Promise<boolean> {
    try {
      await this.#client.send(new TransactWriteItemsCommand({ TransactItems: items }));
      return true;
    } catch (error) {
      const isTaken =
        error instanceof TransactionCanceledException &&
        error.CancellationReasons?.[0]?.Code === 'ConditionalCheckFailed';
      if (isTaken) return false;
      throw error;
    }
  }

  async #queryAll(query: Omit<QueryCommandInput, 'TableName'>): Promise<Item[]> {
    const items: Item[] = [];
    let start: Item | undefined;
    do {
      const input = { ...query, TableName: this.#tableName, ConsistentRead: true };
      const answer = await this.#client.send(new QueryCommand(start ? { ...input, ExclusiveStartKey: start } : input));
      items.push(...(answer.Items ?? []));
      start = answer.LastEvaluatedKey;
    } while (start !== undefined);
    return items;
  }
}

function journalKey(key: ExecutionKey): string {
  return `E#${key.functionName}#${key.name}`;
}

function keyAttributes(key: ExecutionKey): Item {
  return { functionName: { S: key.functionName }, name: { S: key.name } };
}

function timeKey(ms: number): string {
  return String(Math.max(0, Math.floor(ms))).padStart(15, '0');
}
