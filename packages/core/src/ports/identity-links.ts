import type { UserId } from '../ids/ids.ts';
import type { CallOptions } from './call-options.ts';

/**
 * Who on Slack is who here. A link is made once and never changed by somebody else: whoever holds it decides for its user.
 * Throws AbcaError SERVICE_UNAVAILABLE or STORE_ERROR (retryable).
 */
export interface IdentityLinks {
  /**
   * Link a Slack user to a user.
   *
   * @param slackUserId 2 to 40 of A–Z, a–z, 0–9 and _
   * @returns `taken` when the Slack user is linked already, to whomever; the link stays as it was
   */
  link(slackUserId: string, userId: UserId, options?: CallOptions): Promise<'linked' | 'taken'>;
  /** Read with strong consistency. */
  find(slackUserId: string, options?: CallOptions): Promise<UserId | undefined>;
}
