import type { CallOptions } from '@abca/core';
import { AbcaError } from '@abca/core';
import { QueryCommand, type DynamoDBDocumentClient, type QueryCommandInput } from '@aws-sdk/lib-dynamodb';
import { callDynamo } from './call-dynamo.ts';
import type { Item } from './conditional-write.ts';
import { formatPageToken, parsePageToken } from './page-token.ts';

/** One page of one partition of an index. */
export interface PageQuery {
  readonly what: string;
  readonly table: string;
  readonly index: string;
  readonly partition: { readonly name: string; readonly value: string };
  /** Attributes that key the item in its table and sort the index. They may be the same. */
  readonly idName: string;
  readonly sortName: string;
  readonly descending: boolean;
  /** What is not kept does not count towards `limit`. */
  readonly keep?: { readonly name: string; readonly values: readonly string[] };
  readonly limit: number;
  readonly nextToken: string | undefined;
}

export interface ItemPage {
  readonly items: readonly Item[];
  readonly nextToken?: string;
}

/** What one query asks for when it filters: the store counts before it filters. */
const chunk = 100;

/**
 * A full page, however many items are filtered out on the way; one more is read to know whether the page is the last.
 *
 * @throws AbcaError VALIDATION_ERROR for a foreign token or a limit that is not 1 to 100
 */
export async function queryPage(
  client: DynamoDBDocumentClient,
  query: PageQuery,
  options: CallOptions,
): Promise<ItemPage> {
  if (!Number.isInteger(query.limit) || query.limit < 1 || query.limit > 100) {
    throw new AbcaError('VALIDATION_ERROR', `limit is ${String(query.limit)}; it must be 1 to 100`);
  }
  let start = query.nextToken === undefined ? undefined : startAfter(query, query.nextToken);
  const found: Item[] = [];
  do {
    const input = { ...toInput(query), ExclusiveStartKey: start, Limit: query.keep ? chunk : query.limit + 1 };
    const answer = await callDynamo(query.what, options, (http) => client.send(new QueryCommand(input), http));
    found.push(...(answer.Items ?? []));
    start = answer.LastEvaluatedKey;
  } while (start !== undefined && found.length <= query.limit);
  return cutPage(query, found);
}

function cutPage({ limit, idName, sortName }: PageQuery, found: readonly Item[]): ItemPage {
  const items = found.slice(0, limit);
  const last = items.at(-1);
  if (found.length <= limit || last === undefined) return { items };
  return { items, nextToken: formatPageToken({ id: String(last[idName]), sort: String(last[sortName]) }) };
}

function startAfter({ partition, idName, sortName }: PageQuery, token: string): Item {
  const { id, sort } = parsePageToken(token);
  return { [partition.name]: partition.value, [sortName]: sort, [idName]: id };
}

function toInput({ table, index, partition, descending, keep }: PageQuery): QueryCommandInput {
  const kept = Object.fromEntries((keep?.values ?? []).map((value, n) => [`:kept${String(n)}`, value]));
  return {
    TableName: table,
    IndexName: index,
    ScanIndexForward: !descending,
    KeyConditionExpression: '#partition = :partition',
    ...(keep && { FilterExpression: `#kept IN (${Object.keys(kept).join(', ')})` }),
    ExpressionAttributeNames: { '#partition': partition.name, ...(keep && { '#kept': keep.name }) },
    ExpressionAttributeValues: { ':partition': partition.value, ...kept },
  };
}
