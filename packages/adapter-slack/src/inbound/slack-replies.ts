import type { Approval, CallOptions } from '@abca/core';
import type { CardPlace } from './parse-interaction.ts';

/** What is answered to somebody who used a card. All methods throw when Slack did not do it; none may be relied on. */
export interface SlackReplies {
  /** Show the request in place of its card, as it is now. */
  showCard(place: Pick<CardPlace, 'channel' | 'ts'>, approval: Approval, options?: CallOptions): Promise<void>;
  /** Ask for the reason of a denial. */
  askReason(place: CardPlace, triggerId: string, options?: CallOptions): Promise<void>;
  /** Tell one person something that nobody else sees. */
  tell(
    place: Pick<CardPlace, 'channel' | 'ts'>,
    slackUserId: string,
    text: string,
    options?: CallOptions,
  ): Promise<void>;
}
