import { createHmac } from 'node:crypto';
import { SlackFault } from './slack-fault.ts';
import type { FakeMessage, Json } from './slack-workspace.ts';

/** A trigger opens one modal, within three seconds. */
const triggerMs = 3_000;
/** @see https://docs.slack.dev/interactivity/handling-user-interaction */
const responseUrl = { uses: 5, ms: 30 * 60_000 };

/** A modal that somebody has before them. */
export interface FakeView {
  readonly id: string;
  readonly view: Json;
}

/** A request that Slack sends to an app, signed. */
export interface SlackRequest {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** What is wrong with a request, for an app to refuse. */
export interface Forgery {
  /** Sign with this in place of the secret. */
  readonly secret?: string;
  /** Say that it was sent so many milliseconds ago. */
  readonly ageMs?: number;
  /** Change the body after it was signed. */
  readonly tamper?: (body: string) => string;
}

interface ResponseUrl {
  readonly message: Pick<FakeMessage, 'channel' | 'ts'>;
  readonly untilMs: number;
  left: number;
}

/** Triggers, modals and response URLs of one workspace. */
export class SlackInteractivity {
  readonly views: FakeView[] = [];
  readonly #triggers = new Map<string, number>();
  readonly #responses = new Map<string, ResponseUrl>();
  readonly #nowMs: () => number;
  #count = 0;

  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
  }

  mintTrigger(): string {
    this.#count += 1;
    const id = `${String(this.#count)}.1.trigger`;
    this.#triggers.set(id, this.#nowMs() + triggerMs);
    return id;
  }

  mintResponse(message: Pick<FakeMessage, 'channel' | 'ts'>): string {
    this.#count += 1;
    const id = String(this.#count);
    this.#responses.set(id, { message, left: responseUrl.uses, untilMs: this.#nowMs() + responseUrl.ms });
    return id;
  }

  /** The message that a response URL is about, once more. @throws SlackFault */
  useResponse(id: string): Pick<FakeMessage, 'channel' | 'ts'> {
    const response = this.#responses.get(id);
    if (response === undefined) throw new SlackFault('no_such_url');
    if (this.#nowMs() > response.untilMs) throw new SlackFault('expired_url');
    if (response.left === 0) throw new SlackFault('used_url');
    response.left -= 1;
    return response.message;
  }

  /** @throws SlackFault */
  open(trigger: string, view: Json): Json {
    const untilMs = this.#triggers.get(trigger);
    if (untilMs === undefined) throw new SlackFault('invalid_trigger_id');
    if (this.#nowMs() > untilMs) throw new SlackFault('expired_trigger_id');
    this.#triggers.delete(trigger);
    const opened = { id: `V${String(this.views.length + 1)}`, view };
    this.views.push(opened);
    return { ...view, id: opened.id };
  }
}

/**
 * A payload as Slack sends it: form-encoded, signed over time and body.
 *
 * @see https://docs.slack.dev/authentication/verifying-requests-from-slack
 */
export function signedRequest(
  payload: Json,
  options: { readonly secret: string; readonly nowMs: number } & Forgery,
): SlackRequest {
  const { secret, nowMs, ageMs = 0, tamper = (body) => body } = options;
  const body = new URLSearchParams({ payload: JSON.stringify(payload) }).toString();
  const timestamp = String(Math.floor((nowMs - ageMs) / 1000));
  const mac = createHmac('sha256', secret).update(`v0:${timestamp}:${body}`).digest('hex');
  return {
    headers: {
      'content-type': 'application/x-www-form-urlencoded',
      'x-slack-request-timestamp': timestamp,
      'x-slack-signature': `v0=${mac}`,
    },
    body: tamper(body),
  };
}
