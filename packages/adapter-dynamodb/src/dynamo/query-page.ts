import type { CallOptions } from '@abca/core';
import { AbcaError } from '@abca/core';
import { QueryCommand, type DynamoDBDocumentClient, type QueryCommandInput } from '@aws-sdk/lib-dynamodb';
import { callDynamo } from './call-dynamo.ts';
import type { Item } from './conditional-write.ts';
import { foreignToken, formatPageToken, parsePageToken } from './page-token.ts';

/** One page of one partition of an index. */
export interface PageQuery {
  readonly what: string;
  readonly table: string;
  readonly index: string;
  readonly partition: { readonly name: string; readonly value: string };
  /** Attributes that key the item in its table and sort the index. They may be the same. */
  readonly idName: string;
  readonly sortName: string;
  /** Sort key of the table, if it has one. */
  readonly rangeName?: string;
  /** Only items whose sort key begins so. */
  readonly sortPrefix?: string;
  readonly descending: boolean;
  /** What is not kept does not count towards `limit`. */
  readonly keep?: Keep;
  readonly limit: number;
  readonly nextToken: string | undefined;
}

/** Which items of a partition are kept: those with one of `values`, or those with more than `above`. */
export type Keep =
  { readonly name: string; readonly values: readonly string[] } | { readonly name: string; readonly above: string };

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

function cutPage({ limit, idName, sortName, rangeName }: PageQuery, found: readonly Item[]): ItemPage {
  const items = found.slice(0, limit);
  const last = items.at(-1);
  if (found.length <= limit || last === undefined) return { items };
  const range = rangeName === undefined ? {} : { range: String(last[rangeName]) };
  return { items, nextToken: formatPageToken({ id: String(last[idName]), sort: String(last[sortName]), ...range }) };
}

/** The store takes no key that could not be in what is queried: a token of another listing is told here. */
function startAfter({ partition, idName, sortName, rangeName, sortPrefix = '' }: PageQuery, token: string): Item {
  const { id, sort, range } = parsePageToken(token);
  if ((range === undefined) !== (rangeName === undefined) || !sort.startsWith(sortPrefix)) throw foreignToken();
  return {
    [partition.name]: partition.value,
    [sortName]: sort,
    [idName]: id,
    ...(rangeName !== undefined && { [rangeName]: range }),
  };
}

function toInput({ table, index, partition, sortName, sortPrefix, descending, keep }: PageQuery): QueryCommandInput {
  const filter = keep && toFilter(keep);
  const begins = sortPrefix === undefined ? '' : ' AND begins_with(#sort, :prefix)';
  return {
    TableName: table,
    IndexName: index,
    ScanIndexForward: !descending,
    KeyConditionExpression: `#partition = :partition${begins}`,
    ...(filter && { FilterExpression: filter.text }),
    ExpressionAttributeNames: {
      '#partition': partition.name,
      ...(begins !== '' && { '#sort': sortName }),
      ...(keep && { '#kept': keep.name }),
    },
    ExpressionAttributeValues: {
      ':partition': partition.value,
      ...(begins !== '' && { ':prefix': sortPrefix }),
      ...filter?.values,
    },
  };
}

function toFilter(keep: Keep): { readonly text: string; readonly values: Item } {
  if ('above' in keep) return { text: '#kept > :above', values: { ':above': keep.above } };
  const values = Object.fromEntries(keep.values.map((value, n) => [`:kept${String(n)}`, value]));
  return { text: `#kept IN (${Object.keys(values).join(', ')})`, values };
}
