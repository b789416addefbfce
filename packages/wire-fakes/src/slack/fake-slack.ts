import { checkContent, slackCalls, type SlackArguments, type SlackWorld } from './slack-calls.ts';
import { SlackFault } from './slack-fault.ts';
import {
  SlackInteractivity,
  signedRequest,
  type FakeView,
  type Forgery,
  type SlackRequest,
} from './slack-interactivity.ts';
import { startSlackServer, type SlackHttpAnswer, type SlackHttpRequest, type SlackServer } from './slack-server.ts';
import { SlackTroubles, type SlackMethod, type SlackTrouble } from './slack-troubles.ts';
import {
  SlackWorkspace,
  type FakeChannel,
  type FakeEphemeral,
  type FakeMessage,
  type Json,
} from './slack-workspace.ts';

/** Settings of a {@link FakeSlack}. */
export interface FakeSlackOptions {
  /** Tokens that are let in. @default one that {@link FakeSlack.botToken} tells */
  readonly botToken?: string;
  /** @default one that {@link FakeSlack.signingSecret} tells */
  readonly signingSecret?: string;
  /** The workspace's time. @default the machine's */
  readonly clock?: { nowMs(): number };
}

/** A call as it came in. */
export interface SlackCall {
  readonly method: string;
  readonly args: SlackArguments;
}

/** Who does what with an element of a message. */
export interface Click {
  readonly user: string;
  readonly message: FakeMessage;
  readonly actionId: string;
  /** For a select: the value of the option. */
  readonly option?: string;
}

/** Slack's Web API on loopback, as far as the platform needs it. See `slack.md` for its behaviour, its sources and its knobs. */
export class FakeSlack {
  readonly botToken: string;
  readonly signingSecret: string;
  /** Every call, oldest first, those that went wrong among them. */
  readonly calls: SlackCall[] = [];
  /** Most messages of one page. */
  pageSize = 100;
  /** Asked at every call, after what was planned by {@link failNext}. */
  onCall: (call: SlackCall) => SlackTrouble | undefined = () => undefined;
  readonly #troubles = new SlackTroubles();
  readonly #workspace: SlackWorkspace;
  readonly #interactivity: SlackInteractivity;
  readonly #nowMs: () => number;
  #server: SlackServer | undefined;

  private constructor({ botToken, signingSecret, clock = { nowMs: Date.now } }: FakeSlackOptions) {
    // In pieces, so that no scanner takes this file for a leak.
    this.botToken = botToken ?? ['xoxb', '0000', 'fake'].join('-');
    this.signingSecret = signingSecret ?? 'fake-signing-secret';
    this.#nowMs = () => clock.nowMs();
    this.#workspace = new SlackWorkspace(this.#nowMs);
    this.#interactivity = new SlackInteractivity(this.#nowMs);
    this.addChannel('C0GENERAL');
    this.#workspace.users.add('U0ANN');
  }

  static async start(options: FakeSlackOptions = {}): Promise<FakeSlack> {
    const slack = new FakeSlack(options);
    slack.#server = await startSlackServer((request) => slack.#answer(request));
    return slack;
  }

  /** For clients of the Web API: `slackApiUrl`. */
  get url(): string {
    return `${this.#server?.url ?? ''}/api/`;
  }

  async close(): Promise<void> {
    await this.#server?.close();
  }

  /** @param fields by default the app is in it, and it is not archived */
  addChannel(id: string, fields: Partial<FakeChannel> = {}): void {
    this.#workspace.channels.set(id, { isMember: true, isArchived: false, ...fields, id });
  }

  addUser(id: string): void {
    this.#workspace.users.add(id);
  }

  /** The next `times` calls of `method` go wrong. `Infinity` for all. */
  failNext(method: SlackMethod | 'any', trouble: SlackTrouble, times = 1): void {
    this.#troubles.plan(method, trouble, times);
  }

  /** Forget what {@link failNext} planned. */
  heal(): void {
    this.#troubles.clear();
  }

  /** All messages, oldest first. */
  messages(channel?: string): readonly FakeMessage[] {
    return this.#workspace.messages.filter((message) => channel === undefined || message.channel === channel);
  }

  /** What single people were shown, oldest first. */
  ephemerals(): readonly FakeEphemeral[] {
    return this.#workspace.ephemerals;
  }

  /** Modals that were opened, oldest first. */
  views(): readonly FakeView[] {
    return this.#interactivity.views;
  }

  /** Somebody deletes a message. */
  deleteMessage(message: Pick<FakeMessage, 'channel' | 'ts'>): void {
    this.#workspace.remove(message);
  }

  /**
   * What Slack sends when `user` presses a button, or picks an option.
   *
   * @param forgery what is wrong with the request
   */
  click({ user, message, actionId, option }: Click, forgery: Forgery = {}): SlackRequest {
    const now = this.#workspace.find(message.channel, message.ts) ?? message;
    const found = findElement(now.blocks, actionId);
    const action = {
      type: found.element['type'],
      action_id: actionId,
      block_id: found.blockId,
      action_ts: String(this.#nowMs() / 1000),
      ...(option === undefined
        ? { value: found.element['value'] }
        : { selected_option: { text: { type: 'plain_text', text: option }, value: option } }),
    };
    return this.sign(this.blockActions({ user, message: now, action }), forgery);
  }

  /** The payload of a click on anything, there or not. */
  blockActions({
    user,
    message,
    action,
  }: {
    readonly user: string;
    readonly message: FakeMessage;
    readonly action: Json;
  }): Json {
    const { channel, ts, threadTs, text, blocks } = message;
    return {
      type: 'block_actions',
      user: { id: user, username: user.toLowerCase(), team_id: 'T0ACME' },
      api_app_id: 'A0ABCA',
      team: { id: 'T0ACME', domain: 'acme' },
      container: { type: 'message', message_ts: ts, channel_id: channel, is_ephemeral: false },
      trigger_id: this.#interactivity.mintTrigger(),
      channel: { id: channel, name: 'general' },
      message: { type: 'message', ts, text, blocks, ...(threadTs !== undefined && { thread_ts: threadTs }) },
      response_url: `${this.#server?.url ?? ''}/actions/${this.#interactivity.mintResponse(message)}`,
      actions: [action],
    };
  }

  /** What Slack sends when `user` submits a modal with these texts, by `action_id`. */
  submitModal(
    {
      user,
      view: { id, view },
      texts = {},
    }: { readonly user: string; readonly view: FakeView; readonly texts?: Readonly<Record<string, string>> },
    forgery: Forgery = {},
  ): SlackRequest {
    const inputs = (view['blocks'] as readonly Json[]).filter((block) => block['type'] === 'input');
    const values = inputs.map((block) => {
      const actionId = String((block['element'] as Json)['action_id']);
      return [block['block_id'], { [actionId]: { type: 'plain_text_input', value: texts[actionId] ?? null } }];
    });
    const payload = {
      type: 'view_submission',
      team: { id: 'T0ACME', domain: 'acme' },
      user: { id: user, username: user.toLowerCase(), team_id: 'T0ACME' },
      api_app_id: 'A0ABCA',
      view: { ...view, id, state: { values: Object.fromEntries(values) } },
    };
    return this.sign(payload, forgery);
  }

  /** Any payload as Slack would send it. */
  sign(payload: Json, forgery: Forgery = {}): SlackRequest {
    return signedRequest(payload, { secret: this.signingSecret, nowMs: this.#nowMs(), ...forgery });
  }

  #answer(request: SlackHttpRequest): SlackHttpAnswer {
    const respond = /^\/actions\/(\d+)$/.exec(request.path);
    if (respond !== null) return this.#respond(respond[1] ?? '', request.body);
    const method = request.path.replace(/^\/api\//, '');
    const args = Object.fromEntries(new URLSearchParams(request.body));
    const call = { method, args };
    this.calls.push(call);
    const trouble = this.#troubles.take(method) ?? this.onCall(call);
    return trouble === undefined ? this.#perform(call, request) : troubled(trouble, () => this.#perform(call, request));
  }

  #perform({ method, args }: SlackCall, { headers }: SlackHttpRequest): SlackHttpAnswer {
    try {
      if (headers.authorization === undefined) throw new SlackFault('not_authed');
      if (headers.authorization !== `Bearer ${this.botToken}`) throw new SlackFault('invalid_auth');
      if (!Object.hasOwn(slackCalls, method)) throw new SlackFault('unknown_method');
      const world: SlackWorld = {
        workspace: this.#workspace,
        interactivity: this.#interactivity,
        pageSize: this.pageSize,
      };
      return json(200, { ok: true, ...slackCalls[method as SlackMethod](world, args) });
    } catch (error) {
      return refused(error);
    }
  }

  #respond(id: string, body: string): SlackHttpAnswer {
    this.calls.push({ method: 'response_url', args: { body } });
    try {
      const message = this.#interactivity.useResponse(id);
      this.#replace(message, JSON.parse(body) as Json);
      return { status: 200, body: 'ok' };
    } catch (error) {
      if (!(error instanceof SlackFault)) throw error;
      return json(404, { ok: false, error: error.code });
    }
  }

  #replace(at: Pick<FakeMessage, 'channel' | 'ts'>, content: Json): void {
    const { text = '', blocks = [], replace_original: replaces } = content;
    checkContent(String(text), blocks);
    const said = { text: String(text), blocks: blocks as readonly Json[] };
    const message = this.#workspace.get(at.channel, at.ts);
    if (replaces === true) this.#workspace.change(message, { ...said, edits: message.edits + 1 });
    else this.#workspace.ephemerals.push({ channel: at.channel, user: '', text: said.text });
  }
}

/** Slack on a free port of loopback, with the channel `C0GENERAL` and the person `U0ANN`. */
export function startFakeSlack(options: FakeSlackOptions = {}): Promise<FakeSlack> {
  return FakeSlack.start(options);
}

function troubled(trouble: SlackTrouble, perform: () => SlackHttpAnswer): SlackHttpAnswer {
  if (trouble === 'silence') return 'silence';
  if (trouble === 'lost_request') return 'hang_up';
  if (trouble === 'lost_answer') {
    perform();
    return 'hang_up';
  }
  if ('error' in trouble) return json(200, { ok: false, error: trouble.error });
  if ('status' in trouble) return json(trouble.status, { ok: false, error: 'fatal_error' });
  return json(429, { ok: false, error: 'ratelimited' }, { 'retry-after': String(trouble.retryAfterS) });
}

function refused(error: unknown): SlackHttpAnswer {
  if (!(error instanceof SlackFault)) throw error;
  const { code, messages } = error;
  return json(200, { ok: false, error: code, ...(messages.length > 0 && { response_metadata: { messages } }) });
}

function json(status: number, body: Json, headers: Readonly<Record<string, string>> = {}): SlackHttpAnswer {
  return {
    status,
    headers: { 'content-type': 'application/json; charset=utf-8', ...headers },
    body: JSON.stringify(body),
  };
}

function findElement(blocks: readonly Json[], actionId: string): { readonly element: Json; readonly blockId: unknown } {
  for (const block of blocks) {
    const elements = [block['elements'], block['accessory']].flat() as (Json | undefined)[];
    const element = elements.find((each) => each?.['action_id'] === actionId);
    if (element !== undefined) return { element, blockId: block['block_id'] };
  }
  throw new Error(`the message has no element ${actionId} to press`);
}
