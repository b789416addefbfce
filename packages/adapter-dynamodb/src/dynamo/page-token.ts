import { AbcaError } from '@abca/core';
import * as z from 'zod';

/** Where a page ended: the last item's key without the partition, which each query brings itself. */
export interface PageKey {
  /** Partition key of the item in its table. */
  readonly id: string;
  /** Its sort key in the index. */
  readonly sort: string;
  /** Its sort key in the table, if the table has one. */
  readonly range?: string;
}

const part = z.string().min(1).max(300);
const pageKeySchema = z.union([z.tuple([part, part]), z.tuple([part, part, part])]);

/** An opaque token that continues after `key`. It names no user: a foreign token shows nothing of its owner's. */
export function formatPageToken({ id, sort, range }: PageKey): string {
  const parts = range === undefined ? [id, sort] : [id, sort, range];
  return Buffer.from(JSON.stringify(parts)).toString('base64url');
}

/** @throws AbcaError VALIDATION_ERROR when `token` is none that {@link formatPageToken} made */
export function parsePageToken(token: string): PageKey {
  const parsed = pageKeySchema.safeParse(decode(token));
  if (!parsed.success) throw foreignToken();
  const [id, sort, range] = parsed.data;
  const key = { id, sort, ...(range !== undefined && { range }) };
  if (formatPageToken(key) !== token) throw foreignToken();
  return key;
}

/** The error for a token that another listing gave, or none. */
export function foreignToken(): AbcaError {
  return new AbcaError('VALIDATION_ERROR', 'next_token is not one this listing gave; begin again without it');
}

function decode(token: string): unknown {
  try {
    return JSON.parse(Buffer.from(token, 'base64url').toString());
  } catch {
    return undefined;
  }
}
