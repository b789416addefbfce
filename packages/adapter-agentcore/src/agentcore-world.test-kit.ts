import type { Clock, SessionId, StartSessionInput, TaskId } from '@abca/core';
import { mintSessionId } from '@abca/core';
import {
  FakeAgentCore,
  FakeAgentProgram,
  fakeRuntimeArn,
  type FakeAgentCoreOptions,
} from '@abca/core-testing/fakes/agentcore';
import { CapturingLogger } from '@abca/core/testing';
import type { BedrockAgentCoreClient } from '@aws-sdk/client-bedrock-agentcore';
import { createAgentCoreClient } from './agentcore-calls.ts';
import { AgentCoreComputeStrategy, type AgentCoreComputeOptions } from './agentcore-compute-strategy.ts';
import { defaultRetry } from './retry.ts';

export const taskId = '01J00000000000000000000001' as TaskId;
export const sessionId: SessionId = mintSessionId(taskId, 1);
export const otherRuntimeArn = `${fakeRuntimeArn.slice(0, -10)}Z9y8X7w6V5`;
export const handle = { strategyType: 'agentcore', sessionId, runtimeArn: fakeRuntimeArn } as const;

export function anInput(changes: Partial<StartSessionInput> = {}): StartSessionInput {
  return { taskId, sessionId, generation: 1, compute: {}, environment: { ABCA_TASK_ID: taskId }, ...changes };
}

/**
 * A clock for calls that are tried again: a try never runs out of time until `expire`, and what is slept between tries is
 * written down and over at once, unless `stall` holds it.
 */
export class TriesClock implements Clock {
  /** Delays between tries, in milliseconds, in order. */
  readonly delays: number[] = [];
  /** Resolves when a delay has begun that is held. */
  readonly stalled = Promise.withResolvers<undefined>();
  stall = false;
  #wake: () => void = () => undefined;
  readonly #running = new Set<() => void>();

  nowMs(): number {
    return 0;
  }

  /** How many tries have a time limit that is still running. */
  get running(): number {
    return this.#running.size;
  }

  /** The delay that is held is over. */
  wake(): void {
    this.#wake();
  }

  /** The time of all tries that run is over. */
  expire(): void {
    for (const wake of this.#running) wake();
  }

  sleep(ms: number, { signal }: { readonly signal?: AbortSignal } = {}): Promise<void> {
    return new Promise((resolve, reject) => {
      const held = ms === defaultRetry.attemptMs;
      if (!held) this.delays.push(ms);
      if (!held && !this.stall) {
        resolve();
        return;
      }
      if (held) this.#running.add(resolve);
      else {
        this.#wake = resolve;
        this.stalled.resolve(undefined);
      }
      signal?.addEventListener('abort', () => {
        this.#running.delete(resolve);
        reject(signal.reason as Error);
      });
    });
  }
}

/** The fake service with the agent program in it, and strategies on it. */
export interface AgentCoreWorld {
  readonly fake: FakeAgentCore;
  readonly program: FakeAgentProgram;
  readonly clock: TriesClock;
  readonly logger: CapturingLogger;
  readonly strategy: AgentCoreComputeStrategy;
  /** Makes a client that the world closes. */
  client(): BedrockAgentCoreClient;
  /** How many clients were made for strategies of this world. */
  clients(): number;
  another(changes?: Partial<AgentCoreComputeOptions>): AgentCoreComputeStrategy;
  close(): Promise<void>;
}

export async function createAgentCoreWorld(options: Partial<FakeAgentCoreOptions> = {}): Promise<AgentCoreWorld> {
  const program = new FakeAgentProgram();
  const fake = await FakeAgentCore.start({ launch: program.launch, ...options });
  const clock = new TriesClock();
  const logger = new CapturingLogger();
  const made: BedrockAgentCoreClient[] = [];
  const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
  const client = (): BedrockAgentCoreClient => {
    const created = createAgentCoreClient({ endpoint: fake.url, region: 'us-east-1', credentials });
    made.push(created);
    return created;
  };
  const another = (changes: Partial<AgentCoreComputeOptions> = {}): AgentCoreComputeStrategy =>
    new AgentCoreComputeStrategy({ client, defaultRuntimeArn: fakeRuntimeArn, clock, logger, ...changes });
  return {
    fake,
    program,
    clock,
    logger,
    strategy: another(),
    client,
    clients: () => made.length,
    another,
    close: async () => {
      for (const created of made) created.destroy();
      await fake.close();
    },
  };
}
