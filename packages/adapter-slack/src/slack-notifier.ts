import {
  isTerminalEvent,
  limits,
  type Approval,
  type CallOptions,
  type Clock,
  type DeliveryOutcome,
  type Milestone,
  type Notification,
  type Notifier,
} from '@abca/core';
import type { SlackApi } from './api/slack-api.ts';
import { SlackCallError } from './api/slack-failure.ts';
import { approvalCard, closedCard, endOf, type CardEnd } from './blocks/approval-card.ts';
import { agentErrorMessage, endMessage } from './blocks/task-message.ts';
import { parseMemory, toMemory } from './thread/slack-memory.ts';
import { TaskThread } from './thread/task-thread.ts';

/** What a {@link SlackNotifier} works with. */
export interface SlackNotifierOptions {
  readonly api: SlackApi;
  readonly clock: Pick<Clock, 'nowMs'>;
  /** Longest time of one delivery, milliseconds. @default 2 seconds less than `limits.delivery.tryMs` */
  readonly tryMs?: number;
  /** Whether anything listens to buttons. A card without them has the commands for a terminal. @default true */
  readonly buttons?: boolean;
}

/** Ends of requests, and what a card shows of each when the request itself is gone. */
const ends: Readonly<Partial<Record<Milestone, CardEnd>>> = {
  approval_granted: 'APPROVED',
  approval_denied: 'DENIED',
  approval_timed_out: 'TIMED_OUT',
  approval_stranded: 'STRANDED',
};

/**
 * {@link Notifier} on Slack: one thread for each task. Its root shows where the task stands and is edited in place; replies tell
 * what somebody should look at; requests for an approval are cards that change when they are decided, wherever that was.
 *
 * @see docs/decisions/0018-slack-threads.md
 */
export class SlackNotifier implements Notifier {
  readonly channel = 'slack';
  readonly #options: SlackNotifierOptions;

  constructor(options: SlackNotifierOptions) {
    this.#options = options;
  }

  async deliver(notification: Notification, options: CallOptions = {}): Promise<DeliveryOutcome> {
    options.signal?.throwIfAborted();
    const conversation = notification.settings.slack?.conversation;
    if (conversation === undefined) return { kind: 'skipped', why: 'the owner of the task is not told on Slack' };
    const thread = this.#threadOf(notification, options);
    try {
      await thread.open(conversation);
      await this.#tell(thread, notification);
      await thread.showStatus();
      return { kind: 'delivered', memory: toMemory(thread.memory) };
    } catch (error) {
      if (!(error instanceof SlackCallError)) throw error;
      return { ...outcomeOf(error), memory: toMemory(thread.memory) };
    }
  }

  #threadOf({ event, task, memory, uncertain }: Notification, options: CallOptions): TaskThread {
    const { api, tryMs = limits.delivery.tryMs - 2_000 } = this.#options;
    const timeout = AbortSignal.timeout(tryMs);
    const signal = options.signal === undefined ? timeout : AbortSignal.any([options.signal, timeout]);
    const isFirst = Object.keys(memory).length === 0;
    return new TaskThread({ api, memory: parseMemory(memory), task, event, uncertain, isFirst, signal });
  }

  async #tell(thread: TaskThread, notification: Notification): Promise<void> {
    const { event, task } = notification;
    const { milestone, request_id: requestId } = event.metadata;
    if (milestone === 'approval_requested') return this.#ask(thread, notification);
    const end = ends[milestone as Milestone];
    if (end !== undefined) return this.#close(thread, notification, { requestId, end });
    if (event.eventType === 'agent_error') await thread.reply(agentErrorMessage(event));
    if (!isTerminalEvent(event.eventType)) return;
    for (const { requestId: open } of thread.memory.cards.filter((card) => card.open)) {
      await this.#close(thread, notification, { requestId: open, end: 'STRANDED' });
    }
    await thread.reply(endMessage(task));
  }

  async #ask(thread: TaskThread, { approval, settings }: Notification): Promise<void> {
    if (approval === undefined) return;
    const { clock, buttons } = this.#options;
    const nowMs = clock.nowMs();
    const ts = await thread.reply(approvalCard(approval, { nowMs, buttons, minSeverity: settings.slack?.minSeverity }));
    if (ts !== undefined) thread.remember(cardOf(approval, ts, nowMs));
  }

  async #close(
    thread: TaskThread,
    { approval }: Notification,
    { requestId, end }: { readonly requestId: unknown; readonly end: CardEnd },
  ): Promise<void> {
    const card = thread.memory.cards.find((each) => each.requestId === requestId);
    // Not there: its card was not posted yet, and will be posted as it is by then.
    if (card?.open !== true) return;
    const isIts = approval?.requestId === requestId;
    const request = isIts ? approval : undefined;
    const now = request === undefined ? undefined : endOf(request, this.#options.clock.nowMs());
    await thread.edit(card.ts, closedCard(request ?? card, now ?? end));
    thread.remember({ ...card, open: false });
  }
}

function cardOf(approval: Approval, ts: string, nowMs: number): Parameters<TaskThread['remember']>[0] {
  const { requestId, toolName, inputPreview } = approval;
  return { requestId, ts, open: endOf(approval, nowMs) === undefined, toolName, inputPreview };
}

function outcomeOf({ failure }: SlackCallError): Exclude<DeliveryOutcome, { kind: 'delivered' | 'skipped' }> {
  if (failure.kind === 'refused') return failure;
  const { unsure: _unsure, ...outcome } = failure;
  return outcome;
}
