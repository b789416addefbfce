/** An answer `{ok: false, error}` of the Web API. */
export class SlackFault extends Error {
  readonly code: string;
  /** What Slack says besides, for developers. */
  readonly messages: readonly string[];

  constructor(code: string, ...messages: readonly string[]) {
    super(`${code} ${messages.join('; ')}`.trim());
    this.code = code;
    this.messages = messages;
  }
}
