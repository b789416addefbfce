import { limits } from '../limits.ts';
import type { DeliveryClaim, Settlement } from '../ports/outbox.ts';
import type { DeliveryOutcome } from './notification.ts';

/** When a try ended, and by what its successors are kept apart. */
export interface TryEnd {
  readonly nowMs: number;
  /** 0 to 1: many that failed together are not tried again together. */
  readonly random: number;
}

/**
 * What is written down for the outcome of a try. One that may be accepted later is postponed: for as long as the channel asked,
 * else twice as long each time; after {@link limits.delivery.giveUpMs} it is refused with DELIVERY_GAVE_UP. The last try is at that
 * moment, however long the channel wanted to be left alone.
 */
export function decideSettlement(outcome: DeliveryOutcome, claim: DeliveryClaim, end: TryEnd): Settlement {
  switch (outcome.kind) {
    case 'delivered':
      return { kind: 'delivered' };
    case 'skipped':
      return { kind: 'skipped', message: outcome.why };
    case 'refused':
      return { kind: 'refused', code: outcome.code, message: outcome.message };
    case 'retry':
      return decideRetry(outcome, claim, end);
    default:
      return outcome satisfies never;
  }
}

function decideRetry(
  outcome: DeliveryOutcome & { readonly kind: 'retry' },
  { attempt, firstMs }: DeliveryClaim,
  { nowMs, random }: TryEnd,
): Settlement {
  const { code, message, retryAfterMs, accepted } = outcome;
  const lastMs = firstMs + limits.delivery.giveUpMs;
  if (nowMs >= lastMs) {
    const why = `not accepted in ${String(attempt)} tries, the last one failed with ${code}: ${message}`;
    return { kind: 'refused', code: 'DELIVERY_GAVE_UP', message: why };
  }
  const waitMs = retryAfterMs === undefined ? backoffMs(attempt, random) : askedMs(retryAfterMs, random);
  const untilMs = Math.min(nowMs + Math.ceil(waitMs), lastMs);
  return { kind: 'postponed', code, message, untilMs, uncertain: accepted !== false };
}

/** Half of it is fixed, half is random: never at once, and not in step with others. */
function backoffMs(attempt: number, random: number): number {
  const { firstMs, maxMs } = limits.delivery.retry;
  const waitMs = Math.min(maxMs, firstMs * 2 ** Math.min(attempt - 1, 30));
  return waitMs / 2 + (waitMs / 2) * random;
}

/** Never before, and not with all others that were told the same. */
function askedMs(retryAfterMs: number, random: number): number {
  return Math.max(0, retryAfterMs) + limits.delivery.retry.firstMs * random;
}
