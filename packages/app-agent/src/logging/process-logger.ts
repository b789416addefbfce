import { SystemClock } from '@abca/adapter-system';
import type { Logger, LogLevel } from '@abca/core';
import { createSessionLogger } from './session-logger.ts';

/** The log of this process: JSON lines on standard output. */
export function createProcessLogger(level: LogLevel): Logger {
  return createSessionLogger({ clock: new SystemClock(), level, write: (line) => process.stdout.write(`${line}\n`) });
}

/** When whoever reads the log dies, the work is still to be saved. */
export function outliveReader(): void {
  process.stdout.on('error', () => undefined);
}
