import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { SMTPServer, type SMTPServerOptions } from 'smtp-server';

/** A message as a mail server takes it. */
export interface TakenMail {
  readonly from: string;
  readonly to: readonly string[];
  readonly source: string;
}

/** An SMTP server on loopback. */
export class MailServer {
  readonly taken: TakenMail[] = [];
  /** Connections that are open. */
  open = 0;
  /** What the server says to the next message after it was sent to it. */
  answer: 'accept' | { readonly code: number } | 'accept_and_hang_up' | 'silence' = 'accept';
  readonly #server: SMTPServer;

  constructor(options: SMTPServerOptions = {}) {
    this.#server = new SMTPServer({
      authOptional: true,
      disabledCommands: ['STARTTLS'],
      // Else it asks the name server of the machine who its client is.
      disableReverseLookup: true,
      onConnect: (_session, done) => {
        this.open += 1;
        done();
      },
      onClose: () => {
        this.open -= 1;
      },
      onData: (stream, session, done) => {
        text(stream).then(
          (source) => {
            const { mailFrom, rcptTo } = session.envelope;
            this.#answer({ from: addressOf(mailFrom), to: rcptTo.map(addressOf), source }, done);
          },
          // The client hung up in the middle of its message: there is nobody to answer.
          () => undefined,
        );
      },
      ...options,
    });
    // Clients that hang up in the middle are part of the tests.
    this.#server.on('error', () => undefined);
  }

  #answer(mail: TakenMail, done: (error?: Error) => void): void {
    if (this.answer === 'silence') return;
    if (typeof this.answer === 'object') {
      done(Object.assign(new Error('not this one'), { responseCode: this.answer.code }));
      return;
    }
    this.taken.push(mail);
    if (this.answer === 'accept') done();
    else for (const connection of this.#server.connections) connection._socket.destroy();
  }

  async start(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    const { port } = this.#server.server.address() as AddressInfo;
    return `smtp://127.0.0.1:${String(port)}`;
  }

  close(): Promise<void> {
    for (const connection of this.#server.connections) connection._socket.destroy();
    return new Promise((resolve) => {
      this.#server.close(() => {
        resolve();
      });
    });
  }
}

function addressOf(given: unknown): string {
  return (given as { readonly address?: string }).address ?? '';
}
