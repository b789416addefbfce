import { AbcaError } from '@abca/core';
import type { ChildExit } from './owned-child.ts';
import { NotReadyError } from './readiness.ts';

/** What dynoxide 1.2 writes for a file that SQLite does not take. */
const corruptPattern = /not a valid SQLite database|malformed|is not a database|unable to open database file|corrupt/i;
const portPattern = /already in use|address in use/i;

/** What was attempted, and how the program ended. */
interface FailedStart {
  readonly port: number;
  readonly dataFile: string | undefined;
  readonly exit: ChildExit;
}

/** The coded error for a start that failed. What is not about readiness, such as an abort, stays as it is. */
export function startError(error: unknown, failed: FailedStart): unknown {
  if (!(error instanceof NotReadyError)) return error;
  const { port, dataFile, exit } = failed;
  const said = `${exit.stderr} ${error.message}`;
  if (portPattern.test(exit.stderr)) return portInUse(port);
  if (dataFile !== undefined && corruptPattern.test(said)) return corrupt(dataFile, said.trim(), error);
  return new AbcaError(
    'CHILD_PROCESS_FAILED',
    `the embedded DynamoDB did not start: ${error.message} (exit code ${String(exit.code)}); ${exit.stderr || 'it wrote nothing'}`,
    { cause: error, retryable: true },
  );
}

/** Another program listens on the port. */
export function portInUse(port: number): AbcaError {
  return new AbcaError(
    'PORT_IN_USE',
    `port ${String(port)} is in use by another program; end that program, or choose another port`,
    { details: { port } },
  );
}

function corrupt(dataFile: string, said: string, cause: unknown): AbcaError {
  return new AbcaError(
    'DATA_FOLDER_CORRUPT',
    `the database ${dataFile} cannot be read: ${said}; move the file away to begin with an empty one, or restore it from a copy`,
    { cause, details: { dataFile } },
  );
}
