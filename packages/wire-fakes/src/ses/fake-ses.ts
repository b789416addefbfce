import { SesFault, type SesErrorName } from './ses-fault.ts';
import { readMail, type SesMail } from './ses-mail.ts';
import { startSesServer, type SesAnswer, type SesRequest, type SesServer } from './ses-server.ts';

/** Settings of {@link startFakeSes}. */
export interface FakeSesOptions {
  /** Addresses and domains that may send. @default ['example.com'] */
  readonly identities?: readonly string[];
  /** Names of the configuration sets that exist. @default none */
  readonly configurationSets?: readonly string[];
}

/**
 * What goes wrong with a call: an error of the service, without any effect; `lost_request`, the connection breaks before the
 * call has had an effect; `lost_answer`, the message was accepted and the connection breaks then.
 */
export type SesTrouble = SesErrorName | 'lost_request' | 'lost_answer';

/** Amazon SES on loopback, as far as it sends mail. See `ses.md` for its behaviour, its sources and its knobs. */
export async function startFakeSes(options: FakeSesOptions = {}): Promise<FakeSes> {
  const serving: { answer?: (request: SesRequest) => SesAnswer } = {};
  const server = await startSesServer((request) => serving.answer?.(request) ?? 'hang_up');
  const ses = new FakeSes(server, options);
  serving.answer = (request) => ses.answer(request);
  return ses;
}

/** The service and what a test orders of it. */
export class FakeSes {
  /** Where clients find it. Any credentials do. */
  readonly url: string;
  /** Every call, oldest first, those that went wrong among them. */
  readonly calls: SesRequest[] = [];
  /** What was delivered, oldest first. */
  readonly mailbox: SesMail[] = [];
  /** What was accepted for addresses on the suppression list alone: nobody gets it. */
  readonly suppressed: SesMail[] = [];
  readonly #server: SesServer;
  readonly #identities: readonly string[];
  readonly #configurationSets: readonly string[];
  readonly #suppressedAddresses = new Set<string>();
  #troubles: { readonly trouble: SesTrouble; left: number }[] = [];
  #accepted = 0;

  constructor(server: SesServer, { identities = ['example.com'], configurationSets = [] }: FakeSesOptions) {
    this.url = server.url;
    this.#server = server;
    this.#identities = identities;
    this.#configurationSets = configurationSets;
  }

  /** The next `times` calls go wrong. `Infinity` for all. */
  failNext(trouble: SesTrouble, times = 1): void {
    this.#troubles.push({ trouble, left: times });
  }

  /** Nothing that was ordered goes wrong any more. */
  recover(): void {
    this.#troubles = [];
  }

  /** Put an address on the account's suppression list. */
  suppress(address: string): void {
    this.#suppressedAddresses.add(address.toLowerCase());
  }

  /** Break every connection and free the port. */
  close(): Promise<void> {
    return this.#server.close();
  }

  /** How a request is answered. Called by the server. */
  answer(request: SesRequest): SesAnswer {
    this.calls.push(request);
    try {
      checkCall(request);
      const trouble = this.#takeTrouble();
      if (trouble === 'lost_request') return 'hang_up';
      const messageId = this.#send(request.body);
      return trouble === 'lost_answer' ? 'hang_up' : reply(200, { MessageId: messageId });
    } catch (error) {
      if (!(error instanceof SesFault)) throw error;
      return reply(error.status, { message: error.message }, { 'x-amzn-errortype': error.name });
    }
  }

  #takeTrouble(): 'lost_request' | 'lost_answer' | undefined {
    const next = this.#troubles[0];
    if (next === undefined) return undefined;
    next.left -= 1;
    if (next.left <= 0) this.#troubles.shift();
    if (next.trouble === 'lost_request' || next.trouble === 'lost_answer') return next.trouble;
    throw new SesFault(next.trouble, `the fake was told to answer ${next.trouble}`);
  }

  #send(body: string): string {
    const mail = readMail(body, `0100019a${String(this.#accepted + 1).padStart(24, '0')}-000000`);
    this.#checkSender(mail);
    this.#accepted += 1;
    const to = mail.to.filter((address) => !this.#suppressedAddresses.has(address.toLowerCase()));
    if (to.length === 0) this.suppressed.push(mail);
    else this.mailbox.push({ ...mail, to });
    return mail.messageId;
  }

  #checkSender({ from, configurationSet }: SesMail): void {
    if (configurationSet !== undefined && !this.#configurationSets.includes(configurationSet)) {
      throw new SesFault('NotFoundException', `Configuration set <${configurationSet}> does not exist.`);
    }
    const address = (/<([^<>]+)>$/.exec(from)?.[1] ?? from).toLowerCase();
    const domain = address.slice(address.lastIndexOf('@') + 1);
    if (this.#identities.some((identity) => [address, domain].includes(identity.toLowerCase()))) return;
    throw new SesFault(
      'MessageRejected',
      `Email address is not verified. The following identities failed the check in region US-EAST-1: ${address}`,
    );
  }
}

function checkCall({ method, path, authorization }: SesRequest): void {
  if (!/^AWS4-HMAC-SHA256 Credential=[^,]+\/ses\/aws4_request, ?SignedHeaders=/.test(authorization)) {
    throw new SesFault('MissingAuthenticationTokenException', 'Missing Authentication Token');
  }
  if (method === 'POST' && path === '/v2/email/outbound-emails') return;
  throw new SesFault('NotFoundException', `no operation ${method} ${path} here`);
}

function reply(
  status: number,
  body: Readonly<Record<string, unknown>>,
  headers: Readonly<Record<string, string>> = {},
): SesAnswer {
  return { status, headers: { 'content-type': 'application/json', ...headers }, body: JSON.stringify(body) };
}
