import { AbcaError, sessionEnvironmentSchema } from '@abca/core';
import * as z from 'zod';
import { outlastsHeartbeats, shortLease } from '../config/load-config.ts';

/** What a session is told by whoever starts it, as names and texts. */
export type GivenEnvironment = Readonly<Record<string, string>>;

/**
 * The names that an invocation may give, and no others: PATH, HOME, settings of the model and credentials are those of the
 * container, whoever may invoke it.
 */
const namesSchema = z.strictObject(sessionEnvironmentSchema.shape).refine(outlastsHeartbeats, shortLease);

/** Texts first: the names that hold numbers would take `true` for one. */
const givenSchema = z
  .record(z.string(), z.string())
  .transform((given) => given as z.input<typeof namesSchema>)
  .pipe(namesSchema);

const invocationSchema = z.strictObject({ environment: givenSchema });

/**
 * The environment that the body of an invocation gives, its texts unchanged, once all of it is known to be right.
 *
 * @throws AbcaError VALIDATION_ERROR that names every field that is wrong, and shows no value
 */
export function parseInvocation(body: Uint8Array): GivenEnvironment {
  const json = parseJson(body);
  const parsed = invocationSchema.safeParse(json);
  if (!parsed.success) throw invalid(parsed.error.issues.map(describe).join('; '));
  return pickNames((json as { environment: GivenEnvironment }).environment);
}

/** By name, so that a name that the schema did not get to see, as `__proto__`, goes nowhere. */
function pickNames(given: GivenEnvironment): GivenEnvironment {
  const names = Object.keys(sessionEnvironmentSchema.shape);
  return Object.fromEntries(Object.entries(given).filter(([name]) => names.includes(name)));
}

function parseJson(body: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body));
  } catch {
    // Not the parser's own words: they repeat the text.
    throw invalid('the body is not JSON in UTF-8');
  }
}

function describe(issue: z.core.$ZodIssue): string {
  const path = issue.path.length === 0 ? 'the body' : issue.path.join('.');
  return `${path}: ${issue.message}`;
}

function invalid(what: string): AbcaError {
  return new AbcaError('VALIDATION_ERROR', `the invocation is not valid: ${what}`);
}
