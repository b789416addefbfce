import { setTimeout as sleep } from 'node:timers/promises';
import { mintSessionId, type Clock, type StartSessionInput, type TaskId } from '@abca/core';
import { TinyRunComputeStrategy, type TinyRunComputeOptions } from './tinyrun-compute-strategy.ts';
import { TinyRunServer } from './tinyrun-server.test-kit.ts';

export const systemClock: Clock = {
  nowMs: () => Date.now(),
  sleep: (ms, options) => sleep(ms, undefined, options),
};

/** Runs until it is told an exit code. */
export const waitingProgram = ['/bin/sh', '-c', 'read -r code; exit "$code"'] as const;

/** A TinyRun with one program, and strategies on it. */
export interface TinyRunWorld {
  readonly server: TinyRunServer;
  readonly strategy: TinyRunComputeStrategy;
  another(more?: Partial<TinyRunComputeOptions>): TinyRunComputeStrategy;
}

export async function createWorld(command: readonly [string, ...string[]] = waitingProgram): Promise<TinyRunWorld> {
  const server = await TinyRunServer.start();
  const { endpoint, apiKey } = server;
  await deploy(server, command);
  const another = (more: Partial<TinyRunComputeOptions> = {}): TinyRunComputeStrategy =>
    new TinyRunComputeStrategy({ endpoint, apiKey, program: 'agent', clock: systemClock, ...more });
  return { server, strategy: another(), another };
}

/** Deploy a program under the name that the strategies of a world ask for. */
async function deploy({ endpoint, apiKey }: TinyRunServer, command: readonly string[]): Promise<void> {
  const response = await fetch(`${endpoint}/programs/agent`, {
    method: 'PUT',
    headers: { authorization: `Bearer ${apiKey}` },
    body: JSON.stringify({ command }),
  });
  if (!response.ok) throw new Error(`not deployed: ${await response.text()}`);
}

const taskId = '01J00000000000000000000001' as TaskId;

/** The job of {@link anInput}. */
export const jobId = 'abca-session-01j00000000000000000000001-g1';

export function anInput(more: Partial<StartSessionInput> = {}): StartSessionInput {
  return { taskId, sessionId: mintSessionId(taskId, 1), generation: 1, compute: {}, environment: {}, ...more };
}
