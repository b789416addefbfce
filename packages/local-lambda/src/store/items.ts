import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { AbcaError } from '@abca/core';
import * as z from 'zod';

import type { Change } from '../model/execution.ts';
import type { ExecutionKey, ExecutionSummary } from './execution-store.ts';

type Item = Record<string, AttributeValue>;

const text = z.object({ S: z.string() }).transform(({ S }) => S);
const number = z.object({ N: z.string() }).transform(({ N }) => Number(N));

const keySchema = z.object({ functionName: text, name: text });

const summarySchema = keySchema.extend({
  id: text,
  qualifier: text,
  status: text.pipe(z.enum(['RUNNING', 'SUCCEEDED', 'FAILED', 'TIMED_OUT', 'STOPPED'])),
  startMs: number,
  endMs: number.optional(),
});

const recordSchema = z.object({ sk: text, d: text, w: text.optional(), n: number.optional() });

/** Sort key of an execution in the lists: by start time, then function and name. */
export function summaryKey(summary: ExecutionSummary): string {
  return `${String(summary.startMs).padStart(15, '0')}#${summary.functionName}#${summary.name}`;
}

/** The item of an execution in its function's list. */
export function toSummaryItem(summary: ExecutionSummary): Item {
  const item: Item = {
    pk: { S: `F#${summary.functionName}` },
    sk: { S: summaryKey(summary) },
    functionName: { S: summary.functionName },
    name: { S: summary.name },
    id: { S: summary.id },
    qualifier: { S: summary.qualifier },
    status: { S: summary.status },
    startMs: { N: String(summary.startMs) },
  };
  return summary.endMs === undefined ? item : { ...item, endMs: { N: String(summary.endMs) } };
}

/** @throws AbcaError STORE_CORRUPT when the item is not a line of a function's list. */
export function parseSummary(item: Item): ExecutionSummary {
  return parseItem(summarySchema, item);
}

/** @throws AbcaError STORE_CORRUPT when the item does not name an execution. */
export function parseKey(item: Item): ExecutionKey {
  return parseItem(keySchema, item);
}

/**
 * Put an execution's changes together from its items in key order. Parts that no record names are leftovers of a write
 * that was cut off before its commit.
 *
 * @throws AbcaError STORE_CORRUPT when a record is missing, or a part of one.
 */
export function joinRecords(items: readonly Item[]): readonly Change[] {
  const rows = items.map((item) => parseItem(recordSchema, item));
  const parts = new Map(rows.filter(({ sk }) => sk.startsWith('P#')).map(({ sk, d }) => [sk, d]));
  return rows.filter(({ sk }) => sk.startsWith('J#')).map((row, version) => joinRecord(row, version, parts));
}

function joinRecord(row: z.infer<typeof recordSchema>, version: number, parts: ReadonlyMap<string, string>): Change {
  const position = String(version).padStart(8, '0');
  if (row.sk !== `J#${position}`) throw corrupt(`record ${position} is missing`);
  let whole = row.d;
  for (let index = 1; index <= (row.n ?? 0); index += 1) {
    const part = parts.get(`P#${position}#${row.w ?? ''}#${String(index).padStart(4, '0')}`);
    if (part === undefined) throw corrupt(`a part of record ${position} is missing`);
    whole += part;
  }
  return parseChange(whole);
}

/** The journal is written by this package only, so a record that is JSON has the shape it was written with. */
function parseChange(whole: string): Change {
  try {
    return JSON.parse(whole) as Change;
  } catch (error) {
    throw new AbcaError('STORE_CORRUPT', 'a record of an execution is not JSON', { cause: error });
  }
}

function parseItem<T>(schema: z.ZodType<T>, item: Item): T {
  const parsed = schema.safeParse(item);
  if (parsed.success) return parsed.data;
  throw new AbcaError('STORE_CORRUPT', 'an item of the executions table does not have its shape', {
    cause: parsed.error,
  });
}

function corrupt(what: string): AbcaError {
  return new AbcaError('STORE_CORRUPT', `the journal of an execution is damaged: ${what}`);
}
