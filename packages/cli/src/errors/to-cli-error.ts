import { AbcaError } from '@abca/core';
import { adviceFor } from './advice.ts';
import { CliError, exitCodes, type ExitCode } from './cli-error.ts';

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

/** An error with a code of core or of the API. */
export function codedError(code: string, message: string, cause?: unknown, suggestion = adviceFor(code)): CliError {
  return new CliError(code, message, {
    exitCode: exitCodeOf(code),
    ...(suggestion !== undefined && { suggestion }),
    ...(cause !== undefined && { cause }),
  });
}

function exitCodeOf(code: string): ExitCode {
  return authCodes.includes(code) ? exitCodes.auth : exitCodes.error;
}
