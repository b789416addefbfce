import type { Channel } from '../notify/audience.ts';
import type { DeliveryOutcome, Notification } from '../notify/notification.ts';
import type { CallOptions } from './call-options.ts';

/**
 * One channel that people are told on.
 *
 * Deliveries of one task on one channel never overlap. They come in the order of the log, but for one that was postponed: it
 * comes later than its successors, so what shows a state never goes back to an older event.
 */
export interface Notifier {
  readonly channel: Channel;
  /**
   * Say it, once. Every expected end is a value; an error that is thrown counts as `retry`.
   *
   * When `uncertain`, what an earlier try may have said is looked for first where the channel can be asked, and not said again.
   * Ends within 20 seconds: a claim lasts no longer than `limits.delivery.claimMs`.
   */
  deliver(notification: Notification, options?: CallOptions): Promise<DeliveryOutcome>;
}
