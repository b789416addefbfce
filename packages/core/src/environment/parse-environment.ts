import * as z from 'zod';
import { AbcaError } from '../errors/abca-error.ts';

/**
 * A program's settings from its environment, checked at once.
 *
 * @param program named in the error
 * @throws AbcaError CONFIG_INVALID with every problem; values are not repeated, they may be secret
 */
export function parseEnvironment<S extends z.ZodType>(
  program: string,
  schema: S,
  environment: Readonly<Record<string, string | undefined>>,
): z.infer<S> {
  const given = Object.fromEntries(
    Object.entries(environment).filter(([, value]) => value !== undefined && value !== ''),
  );
  const parsed = schema.safeParse(given);
  if (parsed.success) return parsed.data;
  throw new AbcaError(
    'CONFIG_INVALID',
    `the environment of ${program} is not complete:\n${z.prettifyError(parsed.error)}`,
  );
}
