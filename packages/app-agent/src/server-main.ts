import 'reflect-metadata';
import { parseModelSettings } from '@abca/adapter-claude';
import { SystemClock } from '@abca/adapter-system';
import { AbcaError } from '@abca/core';
import { loadConfig } from './config/load-config.ts';
import { createSessionDeps } from './container.ts';
import { createProcessLogger, outliveReader } from './logging/process-logger.ts';
import { runToEnd } from './run-program.ts';
import type { GivenEnvironment } from './server/invocation.ts';
import { runServer } from './server/run-server.ts';
import { loadServerConfig } from './server/server-config.ts';
import type { HostedSession } from './server/session-host.ts';
import { exitCodes } from './session/session-end.ts';

/** The entry for AgentCore: a session comes as a request, and the process stays until it is ended. */
async function main(): Promise<number> {
  outliveReader();
  try {
    const { address, logLevel } = loadServerConfig(process.env);
    const logger = createProcessLogger(logLevel);
    return await runServer(process, { address, logger, clock: new SystemClock(), prepare });
  } catch (error) {
    createProcessLogger('error').error('the server did not start', { error });
    return AbcaError.is(error, 'CONFIG_INVALID') ? exitCodes.configInvalid : exitCodes.crashed;
  }
}

/** Over the container's own environment an invocation lays what its session is told, and nothing else. */
function prepare(environment: GivenEnvironment): HostedSession {
  const config = loadConfig({ ...process.env, ...environment }, { parseModel: parseModelSettings });
  const { taskId, sessionId } = config.session;
  const logger = createProcessLogger(config.logLevel).with({ taskId, sessionId });
  const parts = { session: config.session, logger, createDeps: () => createSessionDeps(config, logger) };
  return { sessionId, run: (ending) => runToEnd(parts, ending) };
}

// At once: a connection that is kept alive, or an agent that did not end, must not keep the process.
process.exit(await main());
