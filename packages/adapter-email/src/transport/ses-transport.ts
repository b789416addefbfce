import type { CallOptions } from '@abca/core';
import type { SESv2Client } from '@aws-sdk/client-sesv2';
import { threadHeaders, type Mail, type MailTransport } from '../mail/mail.ts';
import { parseSender, type Sender } from './sender.ts';

/** Settings of {@link SesTransport}. */
export interface SesTransportOptions {
  /** `ABCA <abca@example.com>`: an address or domain that is verified with SES. */
  readonly from: string;
  readonly configurationSet?: string;
}

/**
 * What a client for {@link SesTransport} is to be made with. One try: SES has no token that makes one message of two calls, so
 * a client that repeats by itself sends twice what was accepted and not answered. Who repeats is the outbox, which knows.
 */
export const sesClientSettings = {
  maxAttempts: 1,
  requestHandler: { connectionTimeout: 3_000, requestTimeout: 10_000, throwOnRequestTimeout: true },
};

/**
 * {@link MailTransport} on Amazon SES v2. SES puts its own in the place of a `Message-ID`, so what stays the same for all tries
 * of an event is the header `X-ABCA-Delivery`.
 */
export class SesTransport implements MailTransport {
  readonly #client: SESv2Client;
  readonly #sender: Sender;
  readonly #configurationSet: string | undefined;

  /** @throws AbcaError CONFIG_INVALID for a sender that is none */
  constructor(client: SESv2Client, { from, configurationSet }: SesTransportOptions) {
    this.#client = client;
    this.#sender = parseSender(from);
    this.#configurationSet = configurationSet;
  }

  async send(mail: Mail, { signal }: CallOptions = {}): Promise<void> {
    // Loaded when mail is sent: a platform that uses another server never needs it.
    const { SendEmailCommand } = await import('@aws-sdk/client-sesv2');
    const { root, others } = threadHeaders(mail, this.#sender.domain);
    const command = new SendEmailCommand({
      FromEmailAddress: this.#sender.from,
      Destination: { ToAddresses: [mail.to] },
      Content: {
        Simple: {
          Subject: utf8(mail.subject),
          Body: { Text: utf8(mail.text), Html: utf8(mail.html) },
          Headers: Object.entries({ ...others, References: root, 'In-Reply-To': root }).map(([Name, Value]) => ({
            Name,
            Value,
          })),
        },
      },
      ...(this.#configurationSet !== undefined && { ConfigurationSetName: this.#configurationSet }),
    });
    await this.#client.send(command, signal === undefined ? {} : { abortSignal: signal });
  }
}

function utf8(Data: string): { readonly Data: string; readonly Charset: string } {
  return { Data, Charset: 'UTF-8' };
}
