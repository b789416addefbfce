import { WebClient, type FetchFunction, LogLevel, type Logger } from '@slack/web-api';
import { SlackCallError, slackFailureOf } from './slack-failure.ts';

/** How Slack is reached. */
export interface SlackApiOptions {
  /** `xoxb-…`, with the scopes that the README lists. Never logged. */
  readonly botToken: string;
  /** Where the Web API is. @default https://slack.com/api/ */
  readonly apiUrl?: string;
  /** Longest wait for one answer, milliseconds. @default 5,000 */
  readonly timeoutMs?: number;
}

/** The client says what it does, with texts of messages, on the console unless told otherwise. */
const silent: Logger = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  setLevel: () => undefined,
  getLevel: () => LogLevel.ERROR,
  setName: () => undefined,
};

/** Calls of the Web API: each is made once, ends with its signal, and fails with a {@link SlackCallError}. */
export class SlackApi {
  readonly #options: SlackApiOptions;

  constructor(options: SlackApiOptions) {
    this.#options = options;
  }

  /**
   * @param method what is called, for messages
   * @param call makes one call of the client it is given
   * @throws SlackCallError
   */
  async call<T>(method: string, signal: AbortSignal, call: (client: WebClient) => Promise<T>): Promise<T> {
    const transport: Transport = {};
    try {
      return await call(this.#client(signal, transport));
    } catch (error) {
      throw new SlackCallError(slackFailureOf(error, { method, broken: transport.broken }));
    }
  }

  /** Made for each call, as a client has no signal of its own: a tenth of a millisecond. Connections are Node's, and shared. */
  #client(signal: AbortSignal, transport: Transport): WebClient {
    const { botToken, apiUrl, timeoutMs = 5_000 } = this.#options;
    const send: FetchFunction = async (url, init) => {
      try {
        return await fetch(url, { ...init, signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]) });
      } catch (error) {
        transport.broken = error;
        throw error;
      }
    };
    return new WebClient(botToken, {
      ...(apiUrl !== undefined && { slackApiUrl: apiUrl }),
      allowAbsoluteUrls: false,
      fetch: send,
      logger: silent,
      // Whoever calls knows what may be repeated, and what has to be looked for first.
      retryConfig: { retries: 0 },
      rejectRateLimitedCalls: true,
    });
  }
}

/** What went wrong below HTTP, which the client does not always pass on whole. */
interface Transport {
  broken?: unknown;
}
