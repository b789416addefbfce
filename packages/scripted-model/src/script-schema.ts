import * as z from 'zod';

const count = z.int().min(0);

/** How often a fault strikes at its turn before the turn is answered. Without it: every time. */
const times = z.int().min(1).optional();

/** What must hold of the conversation for a turn to be chosen. All that is given must hold. */
const conditionSchema = z.strictObject({
  /** The results of the last tool calls, joined by line breaks, contain this text. */
  toolResultContains: z.string().min(1).optional(),
  /** The results of the last tool calls do not contain this text. */
  toolResultLacks: z.string().min(1).optional(),
  /** A regular expression that the results of the last tool calls match. */
  toolResultMatches: z.string().min(1).refine(isPattern, 'not a regular expression').optional(),
  /** Whether one of the last tool calls failed. */
  toolResultIsError: z.boolean().optional(),
  /** What the person asked for contains this text. */
  promptContains: z.string().min(1).optional(),
});

const faultSchema = z.discriminatedUnion('kind', [
  /** An HTTP error in the API's own form. `retryAfterS` becomes a `retry-after` header. */
  z.strictObject({
    kind: z.literal('http'),
    status: z.int().min(400).max(599),
    retryAfterS: z.number().min(0).max(3600).optional(),
    message: z.string().optional(),
    times,
  }),
  /** The connection is closed in the middle of the message, after `afterEvents` events (default 2). */
  z.strictObject({ kind: z.literal('cut'), afterEvents: count.optional(), times }),
  /** Status 200 with a body that is none: an HTML page, events that are not JSON, or JSON of another shape. */
  z.strictObject({ kind: z.literal('garbage'), form: z.enum(['html', 'sse', 'json']).default('html'), times }),
  /** The answer starts and never ends. */
  z.strictObject({ kind: z.literal('hang'), times }),
]);

const toolSchema = z.strictObject({
  name: z.string().min(1),
  input: z.record(z.string(), z.unknown()).default({}),
});

const turnSchema = z.strictObject({
  when: conditionSchema.optional(),
  text: z.string().optional(),
  tools: z.array(toolSchema).default([]),
  usage: z
    .strictObject({ inputTokens: count.default(100), outputTokens: count.default(50) })
    .default({ inputTokens: 100, outputTokens: 50 }),
  /** Milliseconds between two events of the stream. */
  chunkDelayMs: z.int().min(0).max(60_000).default(0),
  faults: z.array(faultSchema).default([]),
});

const stepSchema = z.union([z.strictObject({ oneOf: z.array(turnSchema).min(1) }), turnSchema]);

/** A script: what the model answers, turn by turn. The README explains each field. */
export const scriptSchema = z.strictObject({
  name: z.string().min(1).default('script'),
  /** Values for `{{name}}` in texts and tool inputs, besides `workspace` and `prompt`. */
  variables: z.record(z.string().regex(/^[a-zA-Z][a-zA-Z0-9_]*$/), z.string()).default({}),
  /** Turn n of a conversation is answered by step n: a turn, or the first of `oneOf` whose `when` holds. */
  turns: z.array(stepSchema).min(1),
});

/** A script as it is written, with defaults left out. */
export type ScriptInput = z.input<typeof scriptSchema>;
/** A script with its defaults filled in. */
export type Script = z.output<typeof scriptSchema>;
/** One answer of the model. */
export type ScriptTurn = z.output<typeof turnSchema>;
/** What must hold for a turn to be chosen. */
export type ScriptCondition = z.output<typeof conditionSchema>;
/** Something that goes wrong instead of an answer. */
export type ScriptFault = z.output<typeof faultSchema>;

/**
 * `unknown` as a {@link Script}.
 *
 * @throws Error naming every field that is wrong.
 */
export function parseScript(value: unknown): Script {
  const parsed = scriptSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new Error(`the script is not valid: ${z.prettifyError(parsed.error)}`);
}

function isPattern(source: string): boolean {
  try {
    return new RegExp(source) instanceof RegExp;
  } catch {
    return false;
  }
}
