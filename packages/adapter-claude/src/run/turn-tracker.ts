import type { SDKMessage } from '@anthropic-ai/claude-agent-sdk';
import * as z from 'zod';

/** A tool call as the model made it. */
export interface TrackedCall {
  readonly toolUseId: string;
  readonly toolName: string;
  readonly input: unknown;
  readonly turn: number;
}

/** What a message of the SDK adds to the picture of the run. */
export type TrackedEvent =
  | { readonly kind: 'started'; readonly model: string }
  | {
      readonly kind: 'turn';
      readonly turn: number;
      readonly model: string;
      readonly text: string;
      readonly toolCalls: number;
    }
  | { readonly kind: 'tool_result'; readonly call: TrackedCall; readonly isError: boolean; readonly content: string }
  | { readonly kind: 'retry'; readonly attempt: number; readonly status: number | null; readonly error: string };

const blockSchema = z.looseObject({
  type: z.string(),
  text: z.string().optional(),
  id: z.string().optional(),
  name: z.string().optional(),
  input: z.unknown().optional(),
  tool_use_id: z.string().optional(),
  content: z.unknown().optional(),
  is_error: z.boolean().optional(),
});
const contentSchema = z.union([z.string(), z.array(blockSchema)]).catch([]);
type Block = z.output<typeof blockSchema>;

interface OpenTurn {
  readonly id: string;
  readonly turn: number;
  readonly model: string;
  readonly texts: string[];
  toolCalls: number;
}

/**
 * Puts the SDK's messages together to turns. A turn is one answer of the model; the SDK tells it block by block, and
 * starts tools before the answer is complete. Pure but for its own memory; a turn is told once it is complete.
 */
export class TurnTracker {
  #turn = 0;
  #open: OpenTurn | undefined;
  #streaming = false;
  readonly #calls = new Map<string, TrackedCall>();
  readonly #results = new Set<string>();

  /** Turns so far, the one that is under way included. */
  get turns(): number {
    return this.#turn;
  }

  /** Whether an answer of the model is still arriving. */
  get isStreaming(): boolean {
    return this.#streaming;
  }

  find(toolUseId: string): TrackedCall | undefined {
    return this.#calls.get(toolUseId);
  }

  hasResult(toolUseId: string): boolean {
    return this.#results.has(toolUseId);
  }

  /** What `message` completes, in order. */
  take(message: SDKMessage): TrackedEvent[] {
    if ('parent_tool_use_id' in message && message.parent_tool_use_id) return [];
    switch (message.type) {
      case 'system':
        return this.#system(message);
      case 'stream_event':
        return this.#stream(message.event.type);
      case 'assistant':
        return this.#assistant(message);
      case 'user':
        return [...this.#close(), ...this.#user(contentOf(message.message.content))];
      case 'result':
        return this.#close();
      default:
        return [];
    }
  }

  #system(message: SDKMessage & { type: 'system' }): TrackedEvent[] {
    if (message.subtype === 'init') return [{ kind: 'started', model: message.model }];
    if (message.subtype !== 'api_retry') return [];
    this.#streaming = false;
    const { attempt, error_status: status, error } = message;
    return [{ kind: 'retry', attempt, status, error }];
  }

  #stream(type: string): TrackedEvent[] {
    if (type !== 'message_start' && type !== 'message_stop') return [];
    this.#streaming = type === 'message_start';
    return this.#close();
  }

  #assistant({ message, error }: SDKMessage & { type: 'assistant' }): TrackedEvent[] {
    // What the SDK itself says in the model's place, such as an API error, is no turn.
    if (error !== undefined || message.model === '<synthetic>') return this.#close();
    const events = this.#open?.id === message.id ? [] : this.#close();
    const open = (this.#open ??= { id: message.id, turn: ++this.#turn, model: message.model, texts: [], toolCalls: 0 });
    for (const block of contentOf(message.content)) this.#addBlock(open, block);
    return events;
  }

  #addBlock(open: OpenTurn, block: Block): void {
    if (block.type === 'text' && block.text) open.texts.push(block.text);
    if (block.type !== 'tool_use' || block.id === undefined) return;
    open.toolCalls += 1;
    this.#calls.set(block.id, {
      toolUseId: block.id,
      toolName: block.name ?? 'unknown',
      input: block.input,
      turn: open.turn,
    });
  }

  #user(blocks: readonly Block[]): TrackedEvent[] {
    return blocks.flatMap(({ type, tool_use_id: id, is_error: isError, content }) => {
      const call = this.#calls.get(id ?? '');
      if (type !== 'tool_result' || !call || this.#results.has(call.toolUseId)) return [];
      this.#results.add(call.toolUseId);
      return [{ kind: 'tool_result' as const, call, isError: isError ?? false, content: textOf(content) }];
    });
  }

  #close(): TrackedEvent[] {
    const open = this.#open;
    if (!open || this.#streaming) return [];
    this.#open = undefined;
    const { turn, model, texts, toolCalls } = open;
    return [{ kind: 'turn', turn, model, text: texts.join('\n'), toolCalls }];
  }
}

function contentOf(content: unknown): readonly Block[] {
  const parsed = contentSchema.parse(content);
  return typeof parsed === 'string' ? [{ type: 'text', text: parsed }] : parsed;
}

function textOf(content: unknown): string {
  if (typeof content === 'string') return content;
  return contentOf(content)
    .map((block) => block.text ?? `[${block.type}]`)
    .join('\n');
}
