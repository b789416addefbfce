import type { CallOptions } from '@abca/core';

/** One message to one person. */
export interface Mail {
  /** An address, and nothing else. */
  readonly to: string;
  /** One line. */
  readonly subject: string;
  readonly text: string;
  readonly html: string;
  /** The same for every try of the same event: letters, digits, dots and hyphens. */
  readonly id: string;
  /** The same for all messages of a task, of the same characters. */
  readonly threadId: string;
}

/** A way to send mail. */
export interface MailTransport {
  /** Resolves when the server has accepted the message; rejects with the error of the library it uses. */
  send(mail: Mail, options?: CallOptions): Promise<void>;
}

/** Headers by which programs know a message and its thread. */
export interface ThreadHeaders {
  readonly messageId: string;
  /** Of a message that was never sent: all messages of a task answer to it, whichever came first. */
  readonly root: string;
  readonly others: Readonly<Record<string, string>>;
}

/** @param domain of the sender */
export function threadHeaders({ id, threadId }: Mail, domain: string): ThreadHeaders {
  return {
    messageId: `<${id}@${domain}>`,
    root: `<${threadId}@${domain}>`,
    // The first one tells holiday notices not to answer; the second is for mailboxes that drop what they have already.
    others: { 'Auto-Submitted': 'auto-generated', 'X-ABCA-Delivery': id },
  };
}
