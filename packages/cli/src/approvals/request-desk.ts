import type { ApiClient } from '../client/api-client.ts';
import type { EventView, PendingView } from '../client/wire-types.ts';
import { endsTask } from '../client/terminal-events.ts';
import { toCliError } from '../errors/to-cli-error.ts';
import type { CommandContext } from '../program/context.ts';

/** Does something about an open request. The signal says that it is not open any more, or that the watcher leaves. */
export type Answer = (pending: PendingView, options: { readonly signal: AbortSignal }) => unknown;

/** How often an open request is looked for: lists may lag behind events. */
const lookups = { times: 6, waitMs: 500 };

/** Milestones after which nobody needs to answer. */
const closing = [
  'approval_granted',
  'approval_denied',
  'approval_timed_out',
  'approval_stranded',
  'approval_late_win',
  'approval_write_failed',
  'approval_resume_failed',
];

interface DeskOptions {
  /** Asked again at every request: a platform that was started anew may have moved. */
  readonly client: () => ApiClient;
  readonly answer: Answer;
  /** The watcher leaves. */
  readonly signal: AbortSignal;
}

interface OpenRequest {
  readonly requestId: string;
  readonly gone: AbortController;
  readonly done: Promise<void>;
}

/** Takes each request of a watched task to whoever answers, while the events go on, and takes it back when it is over. */
export class RequestDesk {
  readonly #context: CommandContext;
  readonly #options: DeskOptions;
  #open: OpenRequest | undefined;

  constructor(context: CommandContext, options: DeskOptions) {
    this.#context = context;
    this.#options = options;
  }

  /** To be told of every event of the task, in order. */
  see(event: EventView): void {
    const { event_type, metadata, task_id } = event;
    if (isRequest(event)) this.#take(task_id, metadata as unknown as RequestFields);
    else if (endsTask(event_type) || isEnd(event, this.#open?.requestId)) this.#open?.gone.abort();
  }

  /** Take back what is open. Resolves when nobody is asked any more. Never rejects. */
  async close(): Promise<void> {
    this.#open?.gone.abort();
    await this.#open?.done;
  }

  #take(taskId: string, { request_id, expires_at }: RequestFields): void {
    const before = this.#open;
    before?.gone.abort();
    if (Date.parse(expires_at) <= this.#context.io.nowMs()) return;
    const gone = new AbortController();
    const signal = AbortSignal.any([gone.signal, this.#options.signal]);
    const done = (before?.done ?? Promise.resolve()).then(() => this.#answer(taskId, request_id, signal));
    this.#open = { requestId: request_id, gone, done };
  }

  async #answer(taskId: string, requestId: string, signal: AbortSignal): Promise<void> {
    try {
      const pending = await this.#find(requestId, signal);
      if (pending !== undefined && !signal.aborted) await this.#options.answer(pending, { signal });
    } catch (error) {
      if (signal.aborted) return;
      const { message } = toCliError(error);
      this.#context.talk.say(`request ${requestId} of task ${taskId} waits for an answer: ${message}`, 'warn');
      this.#context.talk.say('see it with: bgagent pending', 'dim');
    }
  }

  async #find(requestId: string, signal: AbortSignal): Promise<PendingView | undefined> {
    const { io } = this.#context;
    // The event that says that it is over may be right behind, as it is when an old log is read.
    await io.sleep(0, signal);
    for (let left = lookups.times; left > 0 && !signal.aborted; left -= 1) {
      const open = await this.#options.client().listPending(Number.POSITIVE_INFINITY);
      const found = open.find(({ request_id }) => request_id === requestId);
      if (found !== undefined) return found;
      await io.sleep(lookups.waitMs, signal);
    }
    return undefined;
  }
}

interface RequestFields {
  readonly request_id: string;
  readonly expires_at: string;
}

function isRequest({ event_type, metadata }: EventView): boolean {
  return event_type === 'agent_milestone' && metadata['milestone'] === 'approval_requested';
}

function isEnd(event: EventView, requestId: string | undefined): boolean {
  const { event_type } = event;
  const metadata = event.metadata as Readonly<Record<string, unknown>>;
  if (requestId === undefined || metadata['request_id'] !== requestId) return false;
  if (event_type === 'approval_decision_recorded') return true;
  return event_type === 'agent_milestone' && closing.includes(String(metadata['milestone']));
}
