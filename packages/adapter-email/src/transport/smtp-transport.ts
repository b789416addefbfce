import { AbcaError, type CallOptions } from '@abca/core';
import type { Transporter } from 'nodemailer';
import { threadHeaders, type Mail, type MailTransport } from '../mail/mail.ts';
import { parseSender, type Sender } from './sender.ts';

/** Settings of {@link SmtpTransport}. */
export interface SmtpTransportOptions {
  /** `smtp://host:587` (STARTTLS where the server has it) or `smtps://user:password@host:465`. */
  readonly url: string;
  /** `ABCA <abca@example.com>` */
  readonly from: string;
}

/**
 * {@link MailTransport} on a server that speaks SMTP. One connection for each message, closed after it. All tries of an event
 * have the same `Message-ID`.
 */
export class SmtpTransport implements MailTransport {
  readonly #url: string;
  readonly #sender: Sender;
  readonly #closing = new AbortController();
  #transporter: Promise<Transporter> | undefined;

  /** @throws AbcaError CONFIG_INVALID for an address or sender that is none. The address is not shown: it may hold a password */
  constructor({ url, from }: SmtpTransportOptions) {
    if (!URL.canParse(url) || !/^smtps?:\/\/[^/]/.test(url)) {
      throw new AbcaError('CONFIG_INVALID', 'the mail server has no valid address; write it as smtp://host:port');
    }
    this.#url = url;
    this.#sender = parseSender(from);
  }

  async send(mail: Mail, { signal }: CallOptions = {}): Promise<void> {
    this.#transporter ??= connect(this.#url);
    const { messageId, root, others } = threadHeaders(mail, this.#sender.domain);
    const closing = this.#closing.signal;
    await (
      await this.#transporter
    ).sendMail({
      from: this.#sender.from,
      to: { name: '', address: mail.to },
      subject: mail.subject,
      text: mail.text,
      html: mail.html,
      messageId,
      references: root,
      inReplyTo: root,
      headers: others,
      signal: signal === undefined ? closing : AbortSignal.any([closing, signal]),
    });
  }

  /** Break off what is being sent, and its connections. Nothing can be sent afterwards. Repeatable. */
  async close(): Promise<void> {
    this.#closing.abort(new Error('the mail transport is closed'));
    (await this.#transporter)?.close();
  }
}

/** Loaded when mail is sent: a program that sends through SES never needs it. */
async function connect(url: string): Promise<Transporter> {
  const { createTransport } = await import('nodemailer');
  return createTransport({
    url,
    connectionTimeout: 5_000,
    greetingTimeout: 5_000,
    socketTimeout: 10_000,
    disableFileAccess: true,
    disableUrlAccess: true,
  });
}
