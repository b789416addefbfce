import type { Reply, ReplyBlock } from './interpret.ts';

/** Characters of one text or input delta. Small, so that clients must put several together. */
const deltaChars = 64;

/** `reply` as the body of an answer that is not streamed. */
export function encodeMessage(reply: Reply): Record<string, unknown> {
  return {
    ...emptyMessage(reply),
    content: reply.blocks,
    stop_reason: reply.stopReason,
    usage: usage(reply.usage.inputTokens, reply.usage.outputTokens),
  };
}

/** `reply` as server-sent events, in the order of the API. */
export function encodeEvents(reply: Reply): string[] {
  return [
    event('message_start', { message: emptyMessage(reply) }),
    event('ping', {}),
    ...reply.blocks.flatMap(encodeBlock),
    event('message_delta', {
      delta: { stop_reason: reply.stopReason, stop_sequence: null },
      usage: { output_tokens: reply.usage.outputTokens },
    }),
    event('message_stop', {}),
  ];
}

/** An error body of the API. */
export function encodeError(status: number, message: string): Record<string, unknown> {
  return { type: 'error', error: { type: errorType(status), message }, request_id: 'req_scripted' };
}

function encodeBlock(block: ReplyBlock, index: number): string[] {
  const isText = block.type === 'text';
  const start = isText ? { type: 'text', text: '' } : { ...block, input: {} };
  const deltas = chunks(isText ? block.text : JSON.stringify(block.input)).map((part) =>
    isText ? { type: 'text_delta', text: part } : { type: 'input_json_delta', partial_json: part },
  );
  return [
    event('content_block_start', { index, content_block: start }),
    ...deltas.map((delta) => event('content_block_delta', { index, delta })),
    event('content_block_stop', { index }),
  ];
}

function emptyMessage(reply: Reply): Record<string, unknown> {
  return {
    id: reply.id,
    type: 'message',
    role: 'assistant',
    model: reply.model,
    content: [],
    stop_reason: null,
    stop_sequence: null,
    usage: usage(reply.usage.inputTokens, 1),
  };
}

function usage(inputTokens: number, outputTokens: number): Record<string, number> {
  return {
    input_tokens: inputTokens,
    output_tokens: outputTokens,
    cache_creation_input_tokens: 0,
    cache_read_input_tokens: 0,
  };
}

/** By code points: half a surrogate pair does not survive the wire. */
function chunks(text: string): string[] {
  const points = [...text];
  const parts: string[] = [];
  for (let at = 0; at < points.length; at += deltaChars) parts.push(points.slice(at, at + deltaChars).join(''));
  return parts;
}

function event(type: string, data: Record<string, unknown>): string {
  return `event: ${type}\ndata: ${JSON.stringify({ type, ...data })}\n\n`;
}

function errorType(status: number): string {
  const known: Record<number, string> = {
    400: 'invalid_request_error',
    401: 'authentication_error',
    403: 'permission_error',
    404: 'not_found_error',
    413: 'request_too_large',
    429: 'rate_limit_error',
    529: 'overloaded_error',
  };
  return known[status] ?? 'api_error';
}
