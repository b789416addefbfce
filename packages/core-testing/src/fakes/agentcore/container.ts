import { createServer, type AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { spawnOwnedProcess, type OwnedProcess, type OwnedProcessInput } from '../processes.ts';
import type { PingStatus } from './runtime-session.ts';
import { sessionHeader, userHeader, type AgentCoreRequest } from './wire.ts';

/** What the container answers to an invocation. */
export interface ContainerAnswer {
  readonly status: number;
  readonly contentType: string;
  readonly body: string;
}

/** A container by the HTTP contract of AgentCore Runtime: `POST /invocations` and `GET /ping`. */
export interface AgentContainer {
  invoke(request: AgentCoreRequest): Promise<ContainerAnswer>;
  ping(): Promise<PingStatus>;
  /** End it and everything it started. May be repeated. */
  stop(): Promise<void>;
  /** Resolves when it is over, by itself or by a stop. */
  readonly exited: Promise<unknown>;
  /** What it has printed so far. */
  output?(): string;
}

/** Makes the environment of a session. Rejects when the container does not come up. */
export type LaunchContainer = (session: Pick<AgentCoreRequest, 'runtimeArn' | 'sessionId'>) => Promise<AgentContainer>;

/** What to run for each session. */
export interface AgentServerOptions extends OwnedProcessInput {
  /** How long a program may take to answer its first ping, in milliseconds. @default 30000 */
  readonly startMs?: number;
  /** How long a program may take to end when it is stopped, in milliseconds. @default 15000, as AgentCore gives it */
  readonly stopGraceMs?: number;
}

/**
 * Runs an agent server program for each session, as a process that this one owns, and forwards to it. The program is told
 * its port by `PORT` and must listen on 127.0.0.1; nothing tells it of the session but the invocation itself.
 */
export function agentServerLauncher(options: AgentServerOptions): LaunchContainer {
  const { startMs = 30_000, stopGraceMs = 15_000, ...input } = options;
  return async () => {
    const port = await freePort();
    const owned = await spawnOwnedProcess({ ...input, env: { ...input.env, PORT: String(port) } });
    const url = `http://127.0.0.1:${String(port)}`;
    await comesUp(owned, url, startMs).catch(async (error: unknown) => {
      await owned.stop(0);
      throw error;
    });
    return {
      invoke: (request) => forward(url, request),
      ping: () => ping(url),
      stop: async () => {
        await owned.stop(stopGraceMs);
      },
      exited: owned.exited,
      output: owned.output,
    };
  };
}

async function comesUp(owned: OwnedProcess, url: string, startMs: number): Promise<void> {
  const ended = owned.exited.then(({ exitCode }) => `it ended with exit code ${String(exitCode)}`);
  for (let waitedMs = 0; waitedMs < startMs; waitedMs += 20) {
    if ((await ping(url)) !== undefined) return;
    const how = await Promise.race([ended, sleep(20, undefined)]);
    if (how !== undefined) throw new Error(`the agent server did not come up: ${how}\n${owned.output()}`);
  }
  throw new Error(`the agent server did not come up in ${String(startMs)} ms\n${owned.output()}`);
}

async function forward(
  url: string,
  { sessionId, userId, contentType, body }: AgentCoreRequest,
): Promise<ContainerAnswer> {
  const headers = {
    'content-type': contentType,
    [sessionHeader]: sessionId,
    ...(userId !== undefined && { [userHeader]: userId }),
  };
  const response = await fetch(`${url}/invocations`, { method: 'POST', headers, body });
  const answered = response.headers.get('content-type') ?? 'application/octet-stream';
  return { status: response.status, contentType: answered, body: await response.text() };
}

async function ping(url: string): Promise<PingStatus> {
  try {
    const response = await fetch(`${url}/ping`, { signal: AbortSignal.timeout(2_000) });
    const { status } = (await response.json()) as { status?: unknown };
    return response.ok && (status === 'Healthy' || status === 'HealthyBusy') ? status : undefined;
  } catch {
    return undefined;
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => {
        resolve(port);
      });
    });
  });
}
