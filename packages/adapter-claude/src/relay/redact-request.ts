/** Blocks of a message as the Messages API has them, as far as they are read here. */
interface Block {
  readonly type?: unknown;
  readonly text?: unknown;
  readonly content?: unknown;
}

const hidden = '[REDACTED: the text could not be scanned]';

/**
 * A request to the model with every text redacted that does not come from the person or from the model: results of
 * tools, and what the SDK adds between them. Answers of the model stay as they are, as the API checks some of them.
 *
 * This is the last place before the wire. The SDK lets a hook change the output of a tool that succeeded, not that of one
 * that failed, and it quotes files in its own reminders.
 *
 * @param prompt what the person asked for: it arrives as it was written.
 */
export function redactRequest(body: unknown, prompt: string, redact: (text: string) => string): unknown {
  if (!isRecord(body) || !Array.isArray(body['messages'])) return body;
  const clean = (text: string): string => (text === prompt ? text : redactOrHide(text, redact));
  return { ...body, messages: body['messages'].map((message: unknown) => redactMessage(message, clean)) };
}

/** Any JSON with each of its texts redacted. Base64 data stays: it is no text. */
export function redactTexts(value: unknown, redact: (text: string) => string): unknown {
  if (typeof value === 'string') return redactOrHide(value, redact);
  if (Array.isArray(value)) return value.map((item) => redactTexts(item, redact));
  if (!isRecord(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [key, isData(key, value) ? item : redactTexts(item, redact)]),
  );
}

function redactMessage(message: unknown, clean: (text: string) => string): unknown {
  if (!isRecord(message) || message['role'] === 'assistant') return message;
  return { ...message, content: redactContent(message['content'], clean) };
}

function redactContent(content: unknown, clean: (text: string) => string): unknown {
  if (typeof content === 'string') return clean(content);
  return Array.isArray(content) ? content.map((block: unknown) => redactBlock(block, clean)) : content;
}

function redactBlock(block: unknown, clean: (text: string) => string): unknown {
  if (!isRecord(block)) return block;
  const { type, text, content } = block as Block;
  if (type === 'text' && typeof text === 'string') return { ...block, text: clean(text) };
  return type === 'tool_result' ? { ...block, content: redactContent(content, clean) } : block;
}

function redactOrHide(text: string, redact: (text: string) => string): string {
  try {
    return redact(text);
  } catch {
    return hidden;
  }
}

function isData(key: string, parent: Record<string, unknown>): boolean {
  return key === 'base64' || (key === 'data' && parent['type'] === 'base64');
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
