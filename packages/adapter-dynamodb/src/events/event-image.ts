import { AbcaError, type TaskEvent } from '@abca/core';
import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import { parseEventItem } from './event-items.ts';

/**
 * An event from the image that the stream of the events table shows of it.
 *
 * @throws AbcaError STORE_CORRUPT when it is not one that this version knows
 */
export function parseEventImage(image: Readonly<Record<string, unknown>>): TaskEvent {
  return parseEventItem(plain(image));
}

function plain(image: Readonly<Record<string, unknown>>): Record<string, unknown> {
  try {
    return unmarshall(image as Record<string, AttributeValue>);
  } catch (cause) {
    throw new AbcaError('STORE_CORRUPT', 'an image of the stream is not one of DynamoDB', { cause });
  }
}
