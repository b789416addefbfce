import type { DeliveryRecord } from '../notify/delivery.ts';
import type { ChannelMemory, DeliveryKey } from '../notify/notification.ts';
import type { CallOptions } from './call-options.ts';

/** The right to try one delivery until it is due again. */
export interface DeliveryClaim {
  readonly key: DeliveryKey;
  readonly claimId: string;
  /** 1 for the first try. */
  readonly attempt: number;
  /** When the outbox first heard of the delivery, milliseconds since the epoch. */
  readonly firstMs: number;
}

export type ClaimResult =
  | {
      readonly kind: 'claimed';
      readonly claim: DeliveryClaim;
      /** An earlier try may have been accepted: its claim ran out, or it was postponed as uncertain. */
      readonly uncertain: boolean;
      /** What the channel kept of this task. */
      readonly memory: ChannelMemory;
    }
  /**
   * Somebody is at this delivery, or at another one of the same task and channel, or it was postponed. It is in the outbox:
   * {@link Outbox.listDue} gives it from `untilMs` on, so whoever is answered this may forget it.
   */
  | { readonly kind: 'held'; readonly untilMs: number }
  | { readonly kind: 'settled'; readonly state: DeliveryRecord['state'] };

/** How a try is written down. */
export type Settlement =
  | { readonly kind: 'delivered' }
  | { readonly kind: 'skipped'; readonly message: string }
  | { readonly kind: 'refused'; readonly code: string; readonly message: string }
  | {
      readonly kind: 'postponed';
      readonly code: string;
      readonly message: string;
      /** When it is due again, milliseconds since the epoch. */
      readonly untilMs: number;
      /** Whether the channel may have accepted it all the same. */
      readonly uncertain: boolean;
    };

/**
 * What was said to whom: one record per event and channel, and what each channel keeps of a task. It makes a repeated event
 * harmless and a lost one impossible: a delivery is marked after the channel accepted it, and one whose claim ran out is found
 * by {@link listDue}.
 *
 * Safe to call concurrently. All methods throw AbcaError SERVICE_UNAVAILABLE or STORE_ERROR (retryable).
 */
export interface Outbox {
  /**
   * Take a delivery on, for `claimMs` milliseconds from `nowMs`. Deliveries of one task on one channel never overlap: while one
   * is claimed the others are `held`. Repeating it after the claim ran out gives a new claim, marked uncertain; the old one can
   * not settle any more.
   *
   * Whatever is answered, the delivery is in the outbox from then on, settled or open: one that is held for another gets an open
   * record of its own, due when the other's claim ends or before. Of several who claim at the same moment exactly one is answered `claimed`.
   */
  claim(
    key: DeliveryKey,
    lease: { readonly nowMs: number; readonly claimMs: number },
    options?: CallOptions,
  ): Promise<ClaimResult>;

  /**
   * Write down how a try ended, and what the channel keeps from now on, in one step. `memory` left out: as it was. A claim that
   * ran out may still settle while nobody has taken the delivery, nor another one of its task and channel.
   *
   * @returns `lost` when somebody has; nothing is written then
   */
  settle(
    claim: DeliveryClaim,
    settlement: Settlement,
    write: { readonly nowMs: number; readonly memory?: ChannelMemory },
    options?: CallOptions,
  ): Promise<'settled' | 'lost'>;

  /**
   * At most `limit` open deliveries that are due at `nowMs`, the longest due first. May lag behind writes by moments. One whose
   * record is damaged is among them: {@link claim} tells.
   */
  listDue(
    page: { readonly nowMs: number; readonly limit: number },
    options?: CallOptions,
  ): Promise<readonly DeliveryKey[]>;

  /** What is kept of one delivery, read with strong consistency. */
  find(key: DeliveryKey, options?: CallOptions): Promise<DeliveryRecord | undefined>;
}
