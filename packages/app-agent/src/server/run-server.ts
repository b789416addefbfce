import { AbcaError, type Clock, type Logger } from '@abca/core';
import { endOf, type HostProcess } from '../run-program.ts';
import { exitCodes } from '../session/session-end.ts';
import { answerRequest } from './answer-request.ts';
import { serveAgent, type ListenAddress } from './serve-agent.ts';
import { SessionHost, type HostParts } from './session-host.ts';

/** What the server is made of. */
export interface ServerParts extends Pick<HostParts, 'prepare'> {
  readonly address: ListenAddress;
  readonly clock: Pick<Clock, 'nowMs'>;
  readonly logger: Logger;
  /** Told once requests are taken. */
  readonly listening?: (port: number) => void;
}

/**
 * Serve one session over HTTP until the process is asked to end, and return its exit code: that of the session where one
 * worked then, which has saved its work and reported. An idle server ends at once with 0.
 *
 * @throws AbcaError PORT_IN_USE, CONFIG_INVALID
 */
export async function runServer(process: HostProcess, parts: ServerParts): Promise<number> {
  const { address, logger, clock, prepare, listening } = parts;
  const ending = endOf(process, logger);
  const host = new SessionHost({ clock, logger, ending, prepare });
  const server = await serveAgent(address, (request) => answerRequest(host, logger, request));
  logger.info('listening', { host: address.host, port: server.port });
  listening?.(server.port);
  await aborted(ending);
  // It answers while the session ends: a container that does not is taken for broken, and not left its time.
  const code = await host.settled();
  await server.close();
  logger.info('server ended', { idle: code === undefined });
  return code ?? (AbcaError.is(ending.reason, 'AGENT_TERMINATED') ? 0 : exitCodes.crashed);
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
