import { AbcaError } from '@abca/core';
import { adviceFor } from './advice.ts';
import { CliError, exitCodes } from './cli-error.ts';

/** Codes that say that the caller, not the request, is refused. */
const authCodes = ['UNAUTHORIZED', 'FORBIDDEN'];

/** Any thrown value as the error a person is told. */
export function toCliError(error: unknown): CliError {
  if (error instanceof CliError) return error;
  if (AbcaError.is(error)) return codedError(error.code, error.message, error);
  const message = error instanceof Error ? error.message : String(error);
  return codedError(
    'INTERNAL_ERROR',
    `bgagent failed: ${message}`,
    error,
    'run bgagent doctor; if it finds nothing, report this',
  );
}

/**
 * An error with a code of core or of the API. Their messages end in the remedy, after a semicolon; where they do not, it comes
 * from the table.
 */
export function codedError(code: string, text: string, cause?: unknown, advice = adviceFor(code)): CliError {
  const cut = text.includes('\n') ? -1 : text.lastIndexOf('; ');
  const message = cut === -1 ? text : text.slice(0, cut);
  const suggestion = cut === -1 ? advice : text.slice(cut + 2);
  return new CliError(code, message, {
    exitCode: authCodes.includes(code) ? exitCodes.auth : exitCodes.error,
    ...(suggestion !== undefined && { suggestion }),
    ...(cause !== undefined && { cause }),
  });
}
