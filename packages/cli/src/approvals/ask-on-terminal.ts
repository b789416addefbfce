import type { ApiClient } from '../client/api-client.ts';
import type { PendingView } from '../client/wire-types.ts';
import type { CliError } from '../errors/cli-error.ts';
import { toCliError } from '../errors/to-cli-error.ts';
import type { PromptLine } from '../io/cli-io.ts';
import type { CommandContext } from '../program/context.ts';
import { selfCommand } from '../program/self-command.ts';
import { answerCommands, approvalCard } from '../render/approval-card.ts';
import { formatLeft } from '../render/format.ts';
import { span } from '../render/line.ts';
import { nextStep, questionText, type AnswerToSend, type Step } from './answer-flow.ts';

/** What became of a request: the person answered, left it for later, or it went away first. */
export type Asked = 'decided' | 'later' | 'gone';

/** How a person is asked. */
export interface AskOptions {
  /** Ends the question: the request is not open any more, or the person leaves. */
  readonly signal: AbortSignal;
  /** Flags by which a pasted command finds the same platform. */
  readonly choice?: readonly string[];
}

/** The platform says that there is nothing left to decide. */
const goneCodes = ['REQUEST_NOT_FOUND', 'REQUEST_ALREADY_DECIDED', 'TASK_NOT_AWAITING_APPROVAL', 'TASK_NOT_FOUND'];

/**
 * Show a request and ask the person at the terminal, until they have answered or it is not open any more. An answer that the
 * platform does not take is told, and asked for again. Only where `canAsk(context)`.
 */
export async function askOnTerminal(
  context: CommandContext,
  client: ApiClient,
  pending: PendingView,
  { signal, choice = [] }: AskOptions,
): Promise<Asked> {
  const { io, talk, bottom } = context;
  const commands = { self: selfCommand(io.env), choice };
  talk.print([], ...approvalCard(pending, { nowMs: io.nowMs(), commands }));
  const prompt = io.openPrompt();
  const leave = bottom.occupy(prompt);
  try {
    const asked = await converse({ context, client, pending, prompt, signal });
    if (asked === 'gone' && !signal.aborted) talk.say('it is too late to answer', 'dim');
    if (asked === 'later') talk.say(`later: ${answerCommands(pending, commands).approve}`, 'dim');
    return asked;
  } finally {
    leave();
    prompt.close();
  }
}

interface Conversation {
  readonly context: CommandContext;
  readonly client: ApiClient;
  readonly pending: PendingView;
  readonly prompt: PromptLine;
  readonly signal: AbortSignal;
}

async function converse(conversation: Conversation): Promise<Asked> {
  const { context, pending } = conversation;
  let step: Step = { kind: 'choose' };
  for (;;) {
    const line = await readLine(conversation, step);
    if (line === undefined) return 'gone';
    const next = nextStep(step, line, pending);
    if (next.kind === 'later') return 'later';
    if (next.kind === 'ask') {
      if (next.note !== undefined) context.talk.say(next.note, 'dim');
      step = next.step;
      continue;
    }
    const failure = await sendAnswer(conversation, next.answer);
    if (failure === undefined) return 'decided';
    tellFailure(context, failure);
    if (goneCodes.includes(failure.code)) return 'gone';
    step = { kind: 'choose' };
  }
}

/** `undefined` when the request went away, or ran out of time. */
function readLine({ context: { io }, pending, prompt, signal }: Conversation, step: Step): Promise<string | undefined> {
  const endsAtMs = Date.parse(pending.expires_at);
  const label = (): string | undefined => {
    const leftMs = endsAtMs - io.nowMs();
    return leftMs <= 0 ? undefined : questionText(step, formatLeft(leftMs));
  };
  return label() === undefined ? Promise.resolve(undefined) : prompt.ask({ label, signal });
}

/**
 * What the platform says against the answer, if anything. What was sent is not taken back: when the request goes away meanwhile,
 * it is most likely by this answer.
 */
async function sendAnswer(
  { client, pending, signal }: Conversation,
  answer: AnswerToSend,
): Promise<CliError | undefined> {
  const sent = send(client, pending, answer).then(
    () => undefined,
    (error: unknown) => toCliError(error),
  );
  return Promise.race([sent, aborted(signal)]);
}

function send(client: ApiClient, { task_id, request_id }: PendingView, answer: AnswerToSend): Promise<unknown> {
  if (answer.kind === 'approve') return client.approve(task_id, { request_id, scope: answer.scope });
  return client.deny(task_id, { request_id, ...(answer.reason !== undefined && { reason: answer.reason }) });
}

function aborted(signal: AbortSignal): Promise<undefined> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve(undefined);
    else signal.addEventListener('abort', () => void resolve(undefined), { once: true });
  });
}

function tellFailure({ talk }: CommandContext, { code, message, suggestion }: CliError): void {
  talk.print([span('error: ', 'bad'), span(message), span(` (${code})`, 'dim')]);
  if (suggestion !== undefined) talk.say(suggestion, 'dim');
}
