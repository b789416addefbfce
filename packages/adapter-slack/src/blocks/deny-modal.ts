import { limits } from '@abca/core';
import type { ModalView } from '@slack/types';
import { denyModalId, reasonIds, type CardTarget } from './button-ids.ts';
import { plain } from './mrkdwn.ts';

/** Where the card is that a modal was opened from. Slack keeps it and gives it back signed. */
export interface ModalPlace extends CardTarget {
  readonly channel: string;
  readonly ts: string;
}

/** Asks for the reason of a denial, which the agent is told. Pure. */
export function denyModal(place: ModalPlace): ModalView {
  const { taskId, requestId, channel, ts } = place;
  return {
    type: 'modal',
    callback_id: denyModalId,
    private_metadata: JSON.stringify({ taskId, requestId, channel, ts }),
    title: plain('Deny the call', 24),
    submit: plain('Deny', 24),
    close: plain('Back', 24),
    blocks: [
      {
        type: 'input',
        block_id: reasonIds.block,
        optional: true,
        label: plain('What should the agent do instead?', 100),
        element: {
          type: 'plain_text_input',
          action_id: reasonIds.action,
          multiline: true,
          max_length: limits.denyReasonChars.stored,
        },
      },
    ],
  };
}
