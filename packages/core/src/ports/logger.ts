/** Structured fields of a log line. Values are plain JSON or errors. */
export type LogFields = Readonly<Record<string, unknown>>;

/**
 * Structured log. Messages are constant text, data goes into fields. Implementations redact secrets in both and never
 * throw.
 */
export interface Logger {
  debug(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
  /** A logger that adds `fields` to every line. */
  with(fields: LogFields): Logger;
}
