import { createHash } from 'node:crypto';
import * as z from 'zod';

const blockSchema = z.looseObject({
  type: z.string(),
  text: z.string().optional(),
  id: z.string().optional(),
  content: z.unknown().optional(),
  is_error: z.boolean().optional(),
});
const contentSchema = z.union([z.string(), z.array(blockSchema)]);
const requestSchema = z.looseObject({
  model: z.string().default('scripted'),
  stream: z.boolean().default(false),
  max_tokens: z.number().optional(),
  system: contentSchema.optional(),
  tools: z.array(z.unknown()).default([]),
  messages: z.array(z.looseObject({ role: z.string(), content: contentSchema })).min(1),
  metadata: z.looseObject({ user_id: z.string().optional() }).optional(),
});

type Block = z.output<typeof blockSchema>;
type Content = z.output<typeof contentSchema>;
type Request = z.output<typeof requestSchema>;
type Message = Request['messages'][number];

/** What a request to the Messages API shows of the conversation it belongs to. */
export interface Conversation {
  /** The same for every request of one conversation, other for any two conversations. */
  readonly key: string;
  readonly model: string;
  readonly stream: boolean;
  /** Which step of the script answers: 0 for the first. */
  readonly step: number;
  /** A request of the client's own, such as a title or a quota check: not part of the script. */
  readonly isSide: boolean;
  /** What the person asked for, without the reminders that the client adds. */
  readonly prompt: string;
  /** The working directory that the client told the model, if it did. */
  readonly workspace: string | undefined;
  /** Results of the last tool calls, joined by line breaks. */
  readonly toolResult: string;
  readonly toolResultIsError: boolean;
}

/**
 * The conversation that `body` shows. Its progress is read from the messages, never from what the server remembers, so
 * that any number of conversations can share a server and a repeated request gets the same answer.
 *
 * @throws Error when `body` is no request of the Messages API.
 */
export function readConversation(body: unknown, sessionHeader?: string): Conversation {
  const parsed = requestSchema.safeParse(body);
  if (!parsed.success) throw new Error(`not a messages request: ${z.prettifyError(parsed.error)}`);
  const request = parsed.data;
  const results = lastToolResults(request.messages);
  const prompt = findPrompt(request.messages);
  return {
    key: sessionHeader ?? request.metadata?.user_id ?? digest(prompt),
    model: request.model,
    stream: request.stream,
    step: countSteps(request.messages),
    isSide: request.tools.length === 0 || request.max_tokens === 1,
    prompt,
    workspace: findWorkspace(request),
    toolResult: results.map((block) => textOf(block.content)).join('\n'),
    toolResultIsError: results.some((block) => block.is_error === true),
  };
}

/** Id of tool call `index` of `step`. It carries the step, so that a shortened history still tells the progress. */
export function toolUseId(key: string, step: number, index: number): string {
  return `toolu_s${step}_${index}_${digest(`${key}/${step}/${index}`)}`;
}

function countSteps(messages: readonly Message[]): number {
  const replies = messages.filter((message) => message.role === 'assistant');
  const known = replies.map(stepOf);
  const last = known.findLastIndex((step) => step !== undefined);
  return last < 0 ? replies.length : (known[last] ?? 0) + replies.length - last;
}

function stepOf(message: Message): number | undefined {
  const ids = blocksOf(message.content).map((block) => /^toolu_s(\d+)_/.exec(block.id ?? '')?.[1]);
  const found = ids.find((step) => step !== undefined);
  return found === undefined ? undefined : Number(found);
}

function lastToolResults(messages: readonly Message[]): Block[] {
  const start = messages.findLastIndex((message) => message.role === 'assistant');
  return messages
    .slice(start + 1)
    .flatMap((message) => blocksOf(message.content))
    .filter((block) => block.type === 'tool_result');
}

function findPrompt(messages: readonly Message[]): string {
  const first = messages.find((message) => message.role === 'user');
  const texts = blocksOf(first?.content ?? '').map((block) => block.text ?? '');
  return texts.filter((text) => !text.trimStart().startsWith('<system-reminder>')).join('\n');
}

/** The Claude Agent SDK tells the model where it works in the system prompt or in a message of the system. */
function findWorkspace(request: Request): string | undefined {
  const contents = [request.system ?? '', ...request.messages.map((message) => message.content)];
  for (const block of contents.flatMap(blocksOf)) {
    const path = /^\s*(?:- )?(?:Primary w|W)orking directory: (.+)$/m.exec(block.text ?? '')?.[1];
    if (path) return path.trim();
  }
  return undefined;
}

function blocksOf(content: Content): readonly Block[] {
  return typeof content === 'string' ? [{ type: 'text', text: content }] : content;
}

function textOf(content: unknown): string {
  if (typeof content === 'string') return content;
  const blocks = contentSchema.safeParse(content);
  return blocks.success
    ? blocksOf(blocks.data)
        .map((block) => block.text ?? '')
        .join('\n')
    : '';
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 12);
}
