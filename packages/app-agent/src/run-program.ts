import { AbcaError, type Logger } from '@abca/core';
import { runSession } from './session/run-session.ts';
import { exitCodeOf, exitCodes } from './session/session-end.ts';
import type { Session, SessionDeps } from './session/session.ts';

/** What the program needs of its process. Node's own `process` is one. */
export interface HostProcess {
  on(event: string, listener: (...args: unknown[]) => void): unknown;
}

/** What a program of a session is made of. */
export interface ProgramParts {
  readonly session: Session;
  readonly logger: Logger;
  /** Wires the adapters. A throw ends the program: there is no store to report to. */
  readonly createDeps: () => SessionDeps;
}

/** Signals that ask the program to end. The second one finds the end under way and changes nothing. */
const endSignals = ['SIGTERM', 'SIGINT', 'SIGHUP'] as const;

/**
 * Run one session as the only thing of a process, and return the exit code. Signals and errors that nobody caught end the
 * session in order: the work is saved and the reason reported.
 */
export function runProgram(host: HostProcess, parts: ProgramParts): Promise<number> {
  return runToEnd(parts, endOf(host, parts.logger));
}

/** One session until its end, whatever that is. Never rejects. Returns what a program of this session alone exits with. */
export async function runToEnd({ session, logger, createDeps }: ProgramParts, ending: AbortSignal): Promise<number> {
  try {
    const end = await runSession(createDeps(), session, { signal: ending });
    logger.info('session ended', { kind: end.kind, ...(end.kind === 'reported' && { outcome: end.result.outcome }) });
    return exitCodeOf(end);
  } catch (error) {
    logger.error('session crashed', { error });
    return exitCodes.crashed;
  }
}

/** Aborted when `host` is asked to end, or has a defect that nobody caught. The reason is an AbcaError that says which. */
export function endOf(host: HostProcess, logger: Logger): AbortSignal {
  const ending = new AbortController();
  for (const signal of endSignals) {
    host.on(signal, () => {
      logger.info('asked to end', { signal });
      ending.abort(new AbcaError('AGENT_TERMINATED', `the session was asked to end by ${signal}`));
    });
  }
  for (const event of ['uncaughtException', 'unhandledRejection']) {
    host.on(event, (error) => {
      logger.error('an error was not caught', { error, event });
      ending.abort(AbcaError.wrap(asInternal(error), 'INTERNAL_ERROR', 'an error was not caught'));
    });
  }
  return ending.signal;
}

/** An AbcaError that nobody caught is a defect too, whatever its own code. */
function asInternal(error: unknown): unknown {
  return AbcaError.is(error) ? new AbcaError('INTERNAL_ERROR', `an error was not caught: ${error.message}`) : error;
}
