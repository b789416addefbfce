import type { Context } from 'hono';
import type { z } from 'zod';

import { LambdaApiError, invalidParameter } from '../errors.ts';
import { LIMITS } from '../model/limits.ts';

/** Most bytes of a request body: the largest payload and room for what is around it. */
const MAX_BODY_BYTES = LIMITS.synchronousPayloadBytes + 2 * 1024 * 1024;

/** Parse a part of a request; @throws LambdaApiError InvalidParameterValueException naming every field at fault. */
export function parse<T>(schema: z.ZodType<T>, value: unknown, what: string): T {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map((issue) => `${[what, ...issue.path].join('.')}: ${issue.message}`);
  throw invalidParameter(`${String(problems.length)} validation error(s) detected: ${problems.join('; ')}`);
}

/** Read a body as text; @throws LambdaApiError RequestTooLargeException. */
export async function readText(context: Context): Promise<string> {
  const length = Number(context.req.header('content-length') ?? '0');
  if (length > MAX_BODY_BYTES) throw tooLarge(length, MAX_BODY_BYTES);
  const text = await context.req.text();
  const bytes = Buffer.byteLength(text, 'utf8');
  if (bytes > MAX_BODY_BYTES) throw tooLarge(bytes, MAX_BODY_BYTES);
  return text;
}

/** Read a body as JSON; an empty one is `undefined`. @throws LambdaApiError InvalidRequestContentException. */
export async function readJson(context: Context): Promise<unknown> {
  return parseJson(await readText(context));
}

/** @throws LambdaApiError InvalidRequestContentException when the text is not JSON. */
export function parseJson(text: string): unknown {
  if (text === '') return undefined;
  try {
    return JSON.parse(text);
  } catch (error) {
    const message = 'Could not parse request body into json: ' + (error as Error).message;
    throw new LambdaApiError('InvalidRequestContentException', message, { cause: error });
  }
}

/** The refusal of a payload over its limit. */
export function tooLarge(bytes: number, limit: number): LambdaApiError {
  const message = `${String(bytes)} byte payload is too large for the request (limit ${String(limit)} bytes)`;
  return new LambdaApiError('RequestTooLargeException', message);
}
