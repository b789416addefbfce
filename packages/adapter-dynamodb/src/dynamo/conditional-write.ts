import type { CallOptions } from '@abca/core';
import {
  ConditionalCheckFailedException,
  TransactionCanceledException,
  TransactionConflictException,
} from '@aws-sdk/client-dynamodb';
import {
  TransactWriteCommand,
  type DynamoDBDocumentClient,
  type TransactWriteCommandInput,
} from '@aws-sdk/lib-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import { callDynamo, type HttpOptions } from './call-dynamo.ts';
import { retryConflicts } from './retry-conflicts.ts';

/** An item as the document client gives and takes it. */
export type Item = Record<string, unknown>;

/** How a conditional write ended. `item` is the one that was in the way. */
export type WriteResult<T> =
  { readonly kind: 'written'; readonly value: T } | { readonly kind: 'refused'; readonly item: Item | undefined };

/** Options of a write whose condition may fail: the answer then holds the item, which saves a read. */
export const returnOld = { ReturnValuesOnConditionCheckFailure: 'ALL_OLD' } as const;

/**
 * Make a write of one item; a condition that does not hold is a value. While a transaction is at the item the store refuses
 * other writes of it, which the SDK does not repeat: a heartbeat would fail because somebody decides at that moment.
 */
export function conditionalWrite<T>(
  what: string,
  options: CallOptions,
  write: (http: HttpOptions) => Promise<T>,
): Promise<WriteResult<T>> {
  const attempt = (http: HttpOptions): Promise<WriteResult<T> | undefined> => write(http).then(written, refused<T>);
  return retryConflicts(what, options, () => callDynamo(what, options, attempt));
}

function written<T>(value: T): WriteResult<T> {
  return { kind: 'written', value };
}

function refused<T>(error: unknown): WriteResult<T> | undefined {
  if (error instanceof TransactionConflictException) return undefined;
  if (!(error instanceof ConditionalCheckFailedException)) throw error;
  return { kind: 'refused', item: error.Item && unmarshall(error.Item) };
}

/** One write of a transaction. */
export type TransactItem = NonNullable<TransactWriteCommandInput['TransactItems']>[number];

/** Why one write of a transaction was refused, if it was. */
export interface RefusedItem {
  /** `conflict`: another writer was at the item at the same moment. */
  readonly kind: 'ok' | 'condition' | 'conflict';
  readonly item: Item | undefined;
}

/** How a transaction ended; the reasons are in the order of its writes. */
export type TransactResult =
  { readonly kind: 'written' } | { readonly kind: 'refused'; readonly reasons: readonly RefusedItem[] };

/**
 * Write all or nothing. Conditions that do not hold and conflicts are a value. The SDK repeats a lost answer with the same
 * token, so that a write counts once.
 */
export function transactWrite(
  client: DynamoDBDocumentClient,
  what: string,
  items: readonly TransactItem[],
  options: CallOptions,
): Promise<TransactResult> {
  return callDynamo(what, options, async (http) => {
    try {
      await client.send(new TransactWriteCommand({ TransactItems: [...items] }), http);
      return { kind: 'written' };
    } catch (error) {
      const reasons = refusalsOf(error);
      if (reasons === undefined) throw error;
      return { kind: 'refused', reasons };
    }
  });
}

const refusals: Readonly<Record<string, RefusedItem['kind']>> = {
  None: 'ok',
  ConditionalCheckFailed: 'condition',
  TransactionConflict: 'conflict',
};

/** `undefined` when there is a reason that is neither condition nor conflict: that is an error. */
function refusalsOf(error: unknown): readonly RefusedItem[] | undefined {
  if (!(error instanceof TransactionCanceledException)) return undefined;
  const reasons = (error.CancellationReasons ?? []).map((reason) => ({
    kind: refusals[reason.Code ?? ''],
    item: reason.Item && unmarshall(reason.Item),
  }));
  const known = reasons.filter((reason): reason is RefusedItem => reason.kind !== undefined);
  return known.length > 0 && known.length === reasons.length ? known : undefined;
}
