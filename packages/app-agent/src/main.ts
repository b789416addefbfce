import 'reflect-metadata';
import { parseModelSettings } from '@abca/adapter-claude';
import { SystemClock } from '@abca/adapter-system';
import { createJsonLogger, type Logger, type LogLevel } from '@abca/core';
import { loadConfig } from './config/load-config.ts';
import { createSessionDeps } from './container.ts';
import { runProgram } from './run-program.ts';
import { exitCodes } from './session/session-end.ts';

/** The batch entry: one session, told by the environment which, and then the end of the process. */
async function main(): Promise<number> {
  // When whoever reads the log dies, the work is still to be saved.
  process.stdout.on('error', () => undefined);
  const config = readConfig();
  if (config === undefined) return exitCodes.configInvalid;
  const { taskId, sessionId } = config.session;
  const logger = createLogger(config.logLevel).with({ taskId, sessionId });
  return runProgram(process, { session: config.session, logger, createDeps: () => createSessionDeps(config, logger) });
}

function createLogger(level: LogLevel): Logger {
  return createJsonLogger((line) => process.stdout.write(`${line}\n`), { clock: new SystemClock(), level });
}

function readConfig(): ReturnType<typeof loadConfig<ReturnType<typeof parseModelSettings>>> | undefined {
  try {
    return loadConfig(process.env, { cwd: process.cwd(), parseModel: parseModelSettings });
  } catch (error) {
    createLogger('error').error('the session cannot be configured', { error });
    return undefined;
  }
}

// At once: a connection that is kept alive, or an agent that did not end, must not keep the process.
process.exit(await main());
