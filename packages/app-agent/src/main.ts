import 'reflect-metadata';
import { parseModelSettings } from '@abca/adapter-claude';
import { loadConfig } from './config/load-config.ts';
import { createSessionDeps } from './container.ts';
import { createProcessLogger, outliveReader } from './logging/process-logger.ts';
import { runProgram } from './run-program.ts';
import { exitCodes } from './session/session-end.ts';

/** The batch entry: one session, told by the environment which, and then the end of the process. */
async function main(): Promise<number> {
  outliveReader();
  const config = readConfig();
  if (config === undefined) return exitCodes.configInvalid;
  const { taskId, sessionId } = config.session;
  const logger = createProcessLogger(config.logLevel).with({ taskId, sessionId });
  return runProgram(process, { session: config.session, logger, createDeps: () => createSessionDeps(config, logger) });
}

function readConfig(): ReturnType<typeof loadConfig<ReturnType<typeof parseModelSettings>>> | undefined {
  try {
    return loadConfig(process.env, { parseModel: parseModelSettings });
  } catch (error) {
    createProcessLogger('error').error('the session cannot be configured', { error });
    return undefined;
  }
}

// At once: a connection that is kept alive, or an agent that did not end, must not keep the process.
process.exit(await main());
