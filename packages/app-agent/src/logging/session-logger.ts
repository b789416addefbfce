import { createJsonLogger, type Clock, type LogFields, type Logger, type LogLevel } from '@abca/core';

/** Takes one line of the log, without its line break. */
export type LineSink = (line: string) => void;

/** What the log of a program is made of. */
export interface LogParts {
  readonly clock: Pick<Clock, 'nowMs'>;
  readonly level: LogLevel;
  /** Takes every line. */
  readonly write: LineSink;
  /**
   * Takes warnings and errors as well. AgentCore forwards no standard output to the log of an application: there this is to
   * be a log stream that is named after the task. Nothing is wired to it yet.
   */
  readonly important?: LineSink;
}

/** JSON lines, redacted, to both places. */
export function createSessionLogger({ clock, level, write, important }: LogParts): Logger {
  const all = createJsonLogger(write, { clock, level });
  return important === undefined ? all : both(all, createJsonLogger(important, { clock, level: 'warn' }));
}

function both(first: Logger, second: Logger): Logger {
  const at =
    (level: LogLevel) =>
    (message: string, fields?: LogFields): void => {
      first[level](message, fields);
      second[level](message, fields);
    };
  return {
    debug: at('debug'),
    info: at('info'),
    warn: at('warn'),
    error: at('error'),
    with: (fields) => both(first.with(fields), second.with(fields)),
  };
}
