import { FakeEcs, type FakeEcsOptions } from '@abca/core-testing/fakes/ecs';
import { mintSessionId, type Clock, type CallOptions, type StartSessionInput, type TaskId } from '@abca/core';
import { CapturingLogger, testEpochMs } from '@abca/core/testing';
import type { ECSClient } from '@aws-sdk/client-ecs';
import { createEcsClient } from './ecs/create-ecs-client.ts';
import { EcsComputeStrategy, type EcsComputeOptions } from './ecs-compute-strategy.ts';
import { parseHandle, type EcsSessionHandle } from './ecs-session-handle.ts';
import type { EcsSettingsInput } from './settings/ecs-settings.ts';

/** Time passes as soon as somebody waits for it, and only then. */
export class EagerClock implements Clock {
  /** What was waited for, in milliseconds. */
  readonly sleeps: number[] = [];
  #nowMs = testEpochMs;

  nowMs(): number {
    return this.#nowMs;
  }

  async sleep(ms: number, { signal }: CallOptions = {}): Promise<void> {
    signal?.throwIfAborted();
    this.sleeps.push(ms);
    this.advance(ms);
    await Promise.resolve();
  }

  advance(ms: number): void {
    this.#nowMs += ms;
  }
}

export const taskId = '01J00000000000000000000001' as TaskId;

export function anInput(more: Partial<StartSessionInput> = {}): StartSessionInput {
  const generation = more.generation ?? 1;
  return {
    taskId,
    sessionId: mintSessionId(taskId, generation),
    generation,
    compute: {},
    environment: { ABCA_TASK_ID: taskId },
    ...more,
  };
}

export const someSettings: EcsSettingsInput = {
  clusterArn: 'arn:aws:ecs:us-east-1:123456789012:cluster/abca',
  taskDefinition: 'abca-agent',
  containerName: 'agent',
  subnets: ['subnet-1', 'subnet-2'],
  securityGroups: ['sg-1'],
};

/** A strategy whose real client speaks to a fake of the service. */
export interface EcsWorld {
  readonly ecs: FakeEcs;
  readonly clock: EagerClock;
  readonly logger: CapturingLogger;
  readonly strategy: EcsComputeStrategy;
  another(more?: Partial<EcsComputeOptions>): EcsComputeStrategy;
  start(more?: Partial<StartSessionInput>): Promise<EcsSessionHandle>;
  close(): Promise<void>;
}

/** The client makes each call once, so that what repeats a call is the strategy. */
export async function createEcsWorld(options: Omit<FakeEcsOptions, 'clock'> = {}): Promise<EcsWorld> {
  const clock = new EagerClock();
  const logger = new CapturingLogger();
  const ecs = await FakeEcs.start({ ...options, clock });
  ecs.registerTaskDefinition({
    family: 'abca-agent',
    containers: [{ name: 'log-router', essential: false }, { name: 'agent' }],
  });
  const clients: ECSClient[] = [];
  const client = (): ECSClient => {
    clients.push(aClient(ecs));
    return clients.at(-1) as ECSClient;
  };
  const another = (more: Partial<EcsComputeOptions> = {}): EcsComputeStrategy =>
    new EcsComputeStrategy({ settings: someSettings, client, clock, logger, ...more });
  const strategy = another();
  return {
    ecs,
    clock,
    logger,
    strategy,
    another,
    start: async (more) => parseHandle(await strategy.startSession(anInput(more))),
    close: async () => {
      for (const made of clients) made.destroy();
      await ecs.close();
    },
  };
}

export function aClient({ url }: FakeEcs, maxAttempts = 1): ECSClient {
  const credentials = { accessKeyId: 'any', secretAccessKey: 'any' };
  return createEcsClient({ endpoint: url, region: 'us-east-1', credentials, maxAttempts });
}
