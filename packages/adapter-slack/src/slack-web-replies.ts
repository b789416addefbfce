import type { Approval, CallOptions, Clock } from '@abca/core';
import type { SlackApi } from './api/slack-api.ts';
import { approvalCard } from './blocks/approval-card.ts';
import { denyModal } from './blocks/deny-modal.ts';
import { shown } from './blocks/mrkdwn.ts';
import type { CardPlace } from './inbound/parse-interaction.ts';
import type { SlackReplies } from './inbound/slack-replies.ts';

/** What {@link SlackWebReplies} works with. */
export interface SlackWebRepliesOptions {
  readonly api: SlackApi;
  readonly clock: Pick<Clock, 'nowMs'>;
}

/** Slack waits three seconds for an answer, and shows an error to whoever clicked when it comes later. */
const answerMs = 2_000;

/**
 * {@link SlackReplies} by the Web API. Nothing is sent to the response URL of a request: the platform calls no address that
 * somebody else names.
 */
export class SlackWebReplies implements SlackReplies {
  readonly #options: SlackWebRepliesOptions;

  constructor(options: SlackWebRepliesOptions) {
    this.#options = options;
  }

  async showCard(
    { channel, ts }: Pick<CardPlace, 'channel' | 'ts'>,
    approval: Approval,
    options: CallOptions = {},
  ): Promise<void> {
    const { api, clock } = this.#options;
    const { text, blocks } = approvalCard(approval, { nowMs: clock.nowMs() });
    await api.call('chat.update', bounded(options), (client) =>
      client.chat.update({ channel, ts, text, blocks, parse: 'none', link_names: false }),
    );
  }

  async askReason(place: CardPlace, triggerId: string, options: CallOptions = {}): Promise<void> {
    await this.#options.api.call('views.open', bounded(options), (client) =>
      client.views.open({ trigger_id: triggerId, view: denyModal(place) }),
    );
  }

  async tell(
    { channel, ts }: Pick<CardPlace, 'channel' | 'ts'>,
    slackUserId: string,
    text: string,
    options: CallOptions = {},
  ): Promise<void> {
    await this.#options.api.call('chat.postEphemeral', bounded(options), (client) =>
      client.chat.postEphemeral({ channel, user: slackUserId, thread_ts: ts, text: shown(text, 3_000), parse: 'none' }),
    );
  }
}

function bounded({ signal }: CallOptions): AbortSignal {
  const timeout = AbortSignal.timeout(answerMs);
  return signal === undefined ? timeout : AbortSignal.any([signal, timeout]);
}
