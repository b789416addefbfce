import * as z from 'zod';

/** What a checkpoint token says: which invocation it belongs to, and how many were handed out before it. */
export interface TokenContent {
  readonly invocationId: string;
  readonly sequence: number;
}

/** Where a callback id leads. `secret` makes ids of other executions unguessable. */
export interface CallbackContent {
  readonly functionName: string;
  readonly name: string;
  readonly operationId: string;
  readonly secret: string;
}

const tokenSchema = z.tuple([z.string(), z.int()]);
const callbackSchema = z.tuple([z.string(), z.string(), z.string(), z.string()]);

/** Encode a checkpoint token; the alphabet is the one AWS documents, `[A-Za-z0-9+/]+={0,2}`. */
export function encodeToken(content: TokenContent): string {
  return toBase64([content.invocationId, content.sequence]);
}

/** Decode a checkpoint token; `undefined` when it was not made by {@link encodeToken}. */
export function decodeToken(token: string): TokenContent | undefined {
  const parsed = tokenSchema.safeParse(fromBase64(token));
  if (!parsed.success) return undefined;
  const [invocationId, sequence] = parsed.data;
  return { invocationId, sequence };
}

/** Encode a callback id; same alphabet as a token. */
export function encodeCallbackId(content: CallbackContent): string {
  return toBase64([content.functionName, content.name, content.operationId, content.secret]);
}

/** Decode a callback id; `undefined` when it was not made by {@link encodeCallbackId}. */
export function decodeCallbackId(callbackId: string): CallbackContent | undefined {
  const parsed = callbackSchema.safeParse(fromBase64(callbackId));
  if (!parsed.success) return undefined;
  const [functionName, name, operationId, secret] = parsed.data;
  return { functionName, name, operationId, secret };
}

function toBase64(value: unknown): string {
  return Buffer.from(JSON.stringify(value), 'utf8').toString('base64');
}

function fromBase64(text: string): unknown {
  try {
    return JSON.parse(Buffer.from(text, 'base64').toString('utf8'));
  } catch {
    return undefined;
  }
}
