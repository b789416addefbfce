import * as z from 'zod';
import { limits } from '../limits.ts';
import type { ClaimResult, DeliveryClaim, Settlement } from '../ports/outbox.ts';
import { isoTimeSchema } from '../task/task.ts';
import { formatIso, parseIso } from '../time/iso-time.ts';
import type { DeliveryRecord } from './delivery.ts';
import { channelMemorySchema, type ChannelMemory, type DeliveryKey } from './notification.ts';

/** What the deliveries of one task on one channel share: who is at one of them, and what the channel keeps. */
export const deliveryLaneSchema = z.object({
  /** The claim that is at work, until `until`. */
  claimId: z.string().optional(),
  until: isoTimeSchema.optional(),
  memory: channelMemorySchema,
});
export type DeliveryLane = z.infer<typeof deliveryLaneSchema>;

/** A lane that nothing was said on yet. */
export const emptyLane: DeliveryLane = { memory: {} };

/** What an outbox writes for a claim, and what it answers. What is left out stays as it is. */
export interface ClaimVerdict {
  readonly result: ClaimResult;
  readonly record?: DeliveryRecord;
  readonly lane?: DeliveryLane;
}

/** A wish to claim. */
export interface ClaimWish {
  readonly key: DeliveryKey;
  readonly claimId: string;
  readonly nowMs: number;
  readonly claimMs: number;
}

/**
 * Who gets a delivery, as it stands in the store with its lane. `record` is undefined for one that the outbox has not heard
 * of. The rule of every outbox: both writes happen together, if record and lane still are as they were judged.
 */
export function judgeClaim(record: DeliveryRecord | undefined, lane: DeliveryLane, wish: ClaimWish): ClaimVerdict {
  if (record !== undefined && record.dueAt === undefined) return { result: { kind: 'settled', state: record.state } };
  const dueMs = record?.dueAt === undefined ? wish.nowMs : parseIso(record.dueAt);
  if (dueMs > wish.nowMs) return { result: { kind: 'held', untilMs: dueMs } };
  const laneMs = lane.until === undefined ? wish.nowMs : parseIso(lane.until);
  if (laneMs > wish.nowMs) return waitForLane(record, laneMs, wish);
  return take(record, lane, wish);
}

/**
 * Until the other claim ends, but not for long: most end well before their time. Only the time of an open record changes: whether
 * its claim ran out unheard must not be forgotten.
 */
function waitForLane(record: DeliveryRecord | undefined, laneMs: number, { nowMs }: ClaimWish): ClaimVerdict {
  const untilMs = Math.min(laneMs, nowMs + limits.delivery.retry.firstMs);
  const fresh = { state: 'postponed', attempts: 0, uncertain: false, firstAt: formatIso(nowMs) } as const;
  return { result: { kind: 'held', untilMs }, record: { ...(record ?? fresh), dueAt: formatIso(untilMs) } };
}

function take(record: DeliveryRecord | undefined, lane: DeliveryLane, wish: ClaimWish): ClaimVerdict {
  const { key, claimId, nowMs, claimMs } = wish;
  const until = formatIso(nowMs + claimMs);
  const uncertain = record?.uncertain === true || record?.state === 'claimed';
  const attempts = (record?.attempts ?? 0) + 1;
  const firstAt = record?.firstAt ?? formatIso(nowMs);
  const claim: DeliveryClaim = { key, claimId, attempt: attempts, firstMs: parseIso(firstAt) };
  return {
    result: { kind: 'claimed', claim, uncertain, memory: lane.memory },
    record: { state: 'claimed', attempts, uncertain, firstAt, dueAt: until, claimId },
    lane: { memory: lane.memory, claimId, until },
  };
}

/** A record and its lane once a try has been written down. */
export interface Settled {
  readonly record: DeliveryRecord;
  readonly lane: DeliveryLane;
}

/** `undefined` when somebody has taken the delivery, or its lane, from the claim. */
export function judgeSettle(
  stored: { readonly record: DeliveryRecord | undefined; readonly lane: DeliveryLane },
  claim: DeliveryClaim,
  write: { readonly settlement: Settlement; readonly memory?: ChannelMemory },
): Settled | undefined {
  const { record, lane } = stored;
  const isMine = record?.state === 'claimed' && record.claimId === claim.claimId && lane.claimId === claim.claimId;
  if (!isMine) return undefined;
  return {
    record: settledRecord(record, write.settlement),
    lane: { memory: write.memory ?? lane.memory },
  };
}

function settledRecord(
  { attempts, uncertain, firstAt, claimId }: DeliveryRecord,
  settlement: Settlement,
): DeliveryRecord {
  const kept = { attempts, uncertain, firstAt, ...(claimId !== undefined && { claimId }) };
  switch (settlement.kind) {
    case 'delivered':
      return { ...kept, state: 'delivered' };
    case 'skipped':
      return { ...kept, state: 'skipped', message: settlement.message };
    case 'refused':
      return { ...kept, state: 'refused', code: settlement.code, message: settlement.message };
    case 'postponed': {
      const { code, message, untilMs } = settlement;
      const dueAt = formatIso(untilMs);
      return { ...kept, uncertain: uncertain || settlement.uncertain, state: 'postponed', code, message, dueAt };
    }
    default:
      return settlement satisfies never;
  }
}
