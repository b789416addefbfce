/** How `bgagent` ends, as `gh` does it. */
export const exitCodes = {
  ok: 0,
  /** It failed: the platform refused, the task did not complete. */
  error: 1,
  /** The command line itself is wrong; nothing was done. */
  usage: 2,
  /** The platform does not know the caller. */
  auth: 4,
  /** Ended by the person at the terminal (Ctrl-C); a watched task goes on. */
  detached: 130,
} as const;

/** One of {@link exitCodes}. */
export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

/** What only a command line can get wrong. Every other code comes from core or from the API. */
export const cliErrorCodes = {
  USAGE: 'the command line is not valid',
  PLATFORM_NOT_FOUND: 'no platform is known here',
  PLATFORM_UNREACHABLE: 'the platform does not answer',
  NOT_A_PLATFORM: 'what answers is not an ABCA platform',
  DETACHED: 'ended by the person at the terminal',
  FILE_UNREADABLE: 'a file named on the command line cannot be read',
  RULE_NOT_FOUND: 'no rule of this id holds',
  EVENTS_INVALID: 'a file holds no events of tasks',
  NOT_A_DECISION: 'the event says nothing of the gate',
  TASK_NOT_COMPLETED: 'the task ended, and not well',
} as const;

/** What an error adds to its message. */
export interface CliErrorOptions {
  /** What to do about it. */
  readonly suggestion?: string;
  /** Default {@link exitCodes.error}. */
  readonly exitCode?: ExitCode;
  /** Everything that is wrong, where it is more than one thing. */
  readonly problems?: readonly string[];
  readonly cause?: unknown;
}

/** An error as the person at the terminal is told it: what failed, the value, the remedy. */
export class CliError extends Error {
  override readonly name = 'CliError';
  /** From {@link cliErrorCodes}, from core, or as the API answered it. */
  readonly code: string;
  readonly suggestion: string | undefined;
  readonly exitCode: ExitCode;
  readonly problems: readonly string[];

  constructor(code: string, message: string, options: CliErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.suggestion = options.suggestion;
    this.problems = options.problems ?? [];
    this.exitCode = options.exitCode ?? exitCodes.error;
  }
}

/** A wrong command line. */
export function usageError(message: string, suggestion?: string): CliError {
  return new CliError('USAGE', message, {
    exitCode: exitCodes.usage,
    ...(suggestion !== undefined && { suggestion }),
  });
}
