import type { LogFields, Logger } from '../ports/logger.ts';

/** One line that was logged. */
export interface LoggedLine {
  readonly level: 'debug' | 'info' | 'warn' | 'error';
  readonly message: string;
  readonly fields: LogFields;
}

/** A logger that keeps its lines, those of its children among them. */
export class CapturingLogger implements Logger {
  readonly lines: LoggedLine[];
  readonly #bound: LogFields;

  constructor(lines: LoggedLine[] = [], bound: LogFields = {}) {
    this.lines = lines;
    this.#bound = bound;
  }

  debug(message: string, fields: LogFields = {}): void {
    this.#keep('debug', message, fields);
  }

  info(message: string, fields: LogFields = {}): void {
    this.#keep('info', message, fields);
  }

  warn(message: string, fields: LogFields = {}): void {
    this.#keep('warn', message, fields);
  }

  error(message: string, fields: LogFields = {}): void {
    this.#keep('error', message, fields);
  }

  with(fields: LogFields): Logger {
    return new CapturingLogger(this.lines, { ...this.#bound, ...fields });
  }

  #keep(level: LoggedLine['level'], message: string, fields: LogFields): void {
    this.lines.push({ level, message, fields: { ...this.#bound, ...fields } });
  }
}
