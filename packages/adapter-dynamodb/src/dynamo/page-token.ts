import { AbcaError } from '@abca/core';
import { z } from 'zod';

/** Where a page ended: the last item's key without the partition, which each query brings itself. */
export interface PageKey {
  /** Key of the item in its table. */
  readonly id: string;
  /** Its sort key in the index. */
  readonly sort: string;
}

const pageKeySchema = z.tuple([z.string().min(1).max(300), z.string().min(1).max(300)]);

/** An opaque token that continues after `key`. It names no user: a foreign token shows nothing of its owner's. */
export function formatPageToken({ id, sort }: PageKey): string {
  return Buffer.from(JSON.stringify([id, sort])).toString('base64url');
}

/** @throws AbcaError VALIDATION_ERROR when `token` is none that {@link formatPageToken} made */
export function parsePageToken(token: string): PageKey {
  const parsed = pageKeySchema.safeParse(decode(token));
  if (!parsed.success || formatPageToken({ id: parsed.data[0], sort: parsed.data[1] }) !== token) {
    throw new AbcaError('VALIDATION_ERROR', 'next_token is not one this listing gave; begin again without it');
  }
  return { id: parsed.data[0], sort: parsed.data[1] };
}

function decode(token: string): unknown {
  try {
    return JSON.parse(Buffer.from(token, 'base64url').toString());
  } catch {
    return undefined;
  }
}
