import {
  limits,
  parseIso,
  type Approval,
  type CallOptions,
  type Clock,
  type DeliveryOutcome,
  type Notification,
  type Notifier,
} from '@abca/core';
import * as z from 'zod';
import { approvalMail } from './mail/approval-mail.ts';
import { toHtml, toText, type MailBody } from './mail/mail-body.ts';
import type { Mail, MailTransport } from './mail/mail.ts';
import { isToldEnd, summaryMail } from './mail/summary-mail.ts';
import { classifyMailError } from './transport/classify-mail-error.ts';

/** Kept back from the time that a delivery may take, in milliseconds. */
const marginMs = 2_000;

/** Settings of {@link EmailNotifier}. */
export interface EmailNotifierOptions {
  readonly transport: MailTransport;
  readonly clock: Pick<Clock, 'nowMs'>;
  /** Address of the page of a request. Without it a message has the commands alone. */
  readonly linkFor?: (approval: Approval) => Promise<string>;
  /** Longest time a message may take, milliseconds. @default 18 s */
  readonly sendMs?: number;
}

/**
 * {@link Notifier} by e-mail: how tasks ended, and requests for an approval.
 *
 * A mail server cannot be asked what it holds, so a delivery whose end nobody learned of is sent again: a person may get a
 * message twice, and never loses one. All tries of an event have the same id.
 */
export class EmailNotifier implements Notifier {
  readonly channel = 'email';
  readonly #options: EmailNotifierOptions;

  constructor(options: EmailNotifierOptions) {
    this.#options = options;
  }

  async deliver(notification: Notification, { signal }: CallOptions = {}): Promise<DeliveryOutcome> {
    signal?.throwIfAborted();
    const { settings, event } = notification;
    if (settings.email === undefined) return skipped('the owner of the task gets no mail');
    const to = settings.email.address;
    // Asked again here: a line break in an address would add headers.
    if (!z.email().max(254).safeParse(to).success) {
      return { kind: 'refused', code: 'INVALID_ADDRESS', message: 'the address of the owner is none' };
    }
    const body = await this.#body(notification);
    if ('why' in body) return skipped(body.why);
    const id = `abca.${safeId(event.taskId)}`;
    const mail = {
      to,
      subject: body.title,
      text: toText(body),
      html: toHtml(body),
      id: `${id}.${String(event.seq)}`,
      threadId: id,
    };
    return this.#send(mail, signal);
  }

  async #send(mail: Mail, signal: AbortSignal | undefined): Promise<DeliveryOutcome> {
    const { transport, sendMs = limits.delivery.tryMs - marginMs } = this.#options;
    const late = AbortSignal.timeout(sendMs);
    try {
      await transport.send(mail, { signal: signal === undefined ? late : AbortSignal.any([signal, late]) });
      return { kind: 'delivered' };
    } catch (error) {
      signal?.throwIfAborted();
      return classifyMailError(error);
    }
  }

  async #body(notification: Notification): Promise<MailBody | { readonly why: string }> {
    const { event, approval } = notification;
    if (isToldEnd(event.eventType)) return summaryMail(event.eventType, notification);
    if (event.eventType !== 'agent_milestone' || event.metadata['milestone'] !== 'approval_requested') {
      return { why: 'this event is not told by mail' };
    }
    if (approval === undefined) return { why: 'the request is not there any more' };
    if (approval.status !== 'PENDING') return { why: 'the request is decided' };
    if (parseIso(approval.expiresAt) <= this.#options.clock.nowMs()) return { why: 'the time of the request is over' };
    return approvalMail(approval, await this.#options.linkFor?.(approval));
  }
}

function skipped(why: string): DeliveryOutcome {
  return { kind: 'skipped', why };
}

/** Ids are letters and digits; whatever else one holds has no place in a header. */
function safeId(id: string): string {
  return id.replaceAll(/[^A-Za-z0-9-]/g, '-').slice(0, 100);
}
