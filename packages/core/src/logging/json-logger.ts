import { AbcaError } from '../errors/abca-error.ts';
import type { Clock } from '../ports/clock.ts';
import type { LogFields, Logger } from '../ports/logger.ts';
import { redactDeep } from '../redaction/redact.ts';
import { formatIso } from '../time/iso-time.ts';

/** How much a log line matters, least first. */
export const logLevels = ['debug', 'info', 'warn', 'error'] as const;
export type LogLevel = (typeof logLevels)[number];

/** Causes and nested values below this depth are cut: a log line tells, it does not archive. */
const maxDepth = 8;

/** What a JSON logger is made of. */
export interface JsonLoggerOptions {
  readonly clock: Pick<Clock, 'nowMs'>;
  /** Lines below it are left out. Default `info`. */
  readonly level?: LogLevel;
  /** Applied to the whole line, as JSON values. Default {@link redactDeep}. */
  readonly redact?: (value: unknown) => unknown;
}

/**
 * A {@link Logger} that writes one JSON object a line: `time`, `level`, `message`, then the fields. Errors show their code
 * and their chain of causes. Secrets are redacted in message, fields and errors alike. Never throws: a line that cannot be
 * written as JSON is replaced by one that says so.
 *
 * @param write takes one line, without its line break
 */
export function createJsonLogger(write: (line: string) => void, options: JsonLoggerOptions): Logger {
  return loggerWith(write, options, {});
}

function loggerWith(write: (line: string) => void, options: JsonLoggerOptions, bound: LogFields): Logger {
  const threshold = logLevels.indexOf(options.level ?? 'info');
  const at =
    (level: LogLevel) =>
    (message: string, fields: LogFields = {}): void => {
      if (logLevels.indexOf(level) < threshold) return;
      writeGuarded(write, () => formatLine(options, level, message, { ...bound, ...fields }), level);
    };
  return {
    debug: at('debug'),
    info: at('info'),
    warn: at('warn'),
    error: at('error'),
    with: (fields) => loggerWith(write, options, { ...bound, ...fields }),
  };
}

function writeGuarded(write: (line: string) => void, format: () => string, level: LogLevel): void {
  try {
    write(format());
  } catch {
    try {
      write(JSON.stringify({ level, message: 'a log line could not be written' }));
    } catch {
      // Nowhere is left to tell it, and a program does not fail for its log.
    }
  }
}

function formatLine(
  { clock, redact = redactDeep }: JsonLoggerOptions,
  level: LogLevel,
  message: string,
  fields: LogFields,
): string {
  const { time: _time, level: _level, message: _message, ...others } = fields;
  return JSON.stringify({
    time: formatIso(clock.nowMs()),
    level,
    message: redact(message),
    ...(redact(plain(others, [])) as object),
  });
}

/** `value` as JSON knows it, with errors spelled out, circles and depths cut. */
function plain(value: unknown, parents: readonly unknown[]): unknown {
  if (typeof value === 'bigint') return String(value);
  if (typeof value !== 'object' || value === null) return value;
  if (parents.includes(value)) return '[circular]';
  if (parents.length >= maxDepth) return '[cut]';
  const inside = [...parents, value];
  if (value instanceof Error) return plainError(value, inside);
  if (value instanceof Date) return value.toJSON();
  if (Array.isArray(value)) return value.map((item) => plain(item, inside));
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, plain(item, inside)]));
}

function plainError(error: Error, parents: readonly unknown[]): unknown {
  const own = AbcaError.is(error)
    ? { ...error.toJSON(), details: plain(error.details, parents) }
    : { name: error.name, message: error.message, code: codeOf(error), stack: error.stack };
  return { ...own, cause: plain(error.cause, parents) };
}

/** Errors of Node and of SDKs carry a code of their own. */
function codeOf(error: Error): string | undefined {
  const { code } = error as { readonly code?: unknown };
  return typeof code === 'string' ? code : undefined;
}
