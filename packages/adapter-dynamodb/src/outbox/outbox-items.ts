import {
  AbcaError,
  channels,
  deliveryLaneSchema,
  deliveryRecordSchema,
  emptyLane,
  limits,
  type DeliveryKey,
  type DeliveryLane,
  type DeliveryRecord,
  type TaskId,
} from '@abca/core';
import * as z from 'zod';
import type { Item } from '../dynamo/conditional-write.ts';
import { corrupt, itemCodec } from '../dynamo/item-codec.ts';

const deliveries = itemCodec<DeliveryRecord>({
  schema: deliveryRecordSchema,
  kind: 'delivery',
  key: 'key',
  verbatim: [],
});

const lanes = itemCodec<DeliveryLane>({
  schema: deliveryLaneSchema,
  kind: 'delivery lane',
  key: 'key',
  // Only the notifier that wrote it knows its names.
  verbatim: [['memory']],
});

/** Partition of the index of open deliveries. */
export const openMark = 'open';

/** Key of the item of a delivery. */
export function deliveryItemKey({ taskId, seq, channel }: DeliveryKey): string {
  return `${taskId}#${channel}#${String(seq)}`;
}

/** Key of the item that all deliveries of one task on one channel share. */
export function laneItemKey({ taskId, channel }: DeliveryKey): string {
  return `${taskId}#${channel}#lane`;
}

/** The item of a delivery: in the index while it is open, kept as long as its event once it is not. */
export function toDeliveryItem(key: DeliveryKey, record: DeliveryRecord, nowMs: number): Item {
  const { taskId, seq, channel } = key;
  const state = record.dueAt === undefined ? { ttl: ttlOf(nowMs) } : { open: openMark };
  return {
    key: deliveryItemKey(key),
    task_id: taskId,
    seq,
    channel,
    ...deliveries.toItem(record),
    ...state,
  };
}

/** @throws AbcaError STORE_CORRUPT */
export function parseDeliveryItem(item: Item | undefined): DeliveryRecord | undefined {
  return item === undefined ? undefined : deliveries.parse(item);
}

/** The item of a lane, kept as long as the last event that was told on it. */
export function toLaneItem(key: DeliveryKey, lane: DeliveryLane, nowMs: number): Item {
  return { key: laneItemKey(key), ...lanes.toItem(lane), ttl: ttlOf(nowMs) };
}

/** @throws AbcaError STORE_CORRUPT */
export function parseLaneItem(item: Item | undefined): DeliveryLane {
  return item === undefined ? emptyLane : lanes.parse(item);
}

const keySchema = z.object({
  task_id: z.string() as unknown as z.ZodType<TaskId, string>,
  seq: z.number().int().positive(),
  channel: z.enum(channels),
});

/** What the index of open deliveries holds of one. @throws AbcaError STORE_CORRUPT */
export function parseIndexItem(item: Item): DeliveryKey {
  const parsed = keySchema.safeParse(item);
  if (!parsed.success) throw corrupt(`delivery ${String(item['key'])}`, parsed.error);
  const { task_id: taskId, seq, channel } = parsed.data;
  return { taskId, seq, channel };
}

function ttlOf(nowMs: number): number {
  return Math.ceil((nowMs + limits.eventTtlMs) / 1000);
}

/** The two items of a delivery as they were read, with the counts of their writes. */
export interface StoredDelivery {
  readonly record: DeliveryRecord | undefined;
  readonly recordVersion: number;
  readonly lane: DeliveryLane;
  readonly laneVersion: number;
}

/** @throws AbcaError STORE_CORRUPT */
export function parseStored(record: Item | undefined, lane: Item | undefined): StoredDelivery {
  return {
    record: parseDeliveryItem(record),
    recordVersion: versionOf(record),
    lane: parseLaneItem(lane),
    laneVersion: versionOf(lane),
  };
}

function versionOf(item: Item | undefined): number {
  const version = item?.['version'] ?? 0;
  if (typeof version === 'number') return version;
  throw new AbcaError(
    'STORE_CORRUPT',
    `${String(item?.['key'])} in the store has no version; correct or remove the item`,
  );
}
