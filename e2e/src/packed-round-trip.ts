import type { EcsSettingsInput } from '@abca/adapter-ecs';
import { mintSessionId, type Clock, type ComputeStrategy, type TaskId } from '@abca/core';
import { setImmediate as turn } from 'node:timers/promises';

/** What both consumers of the packed packages have in common. Like them it sees npm packages only. */

/** Any time is over at once: the ECS of the test moves on when it is asked. */
export const clock: Clock = {
  nowMs: () => Date.now(),
  sleep: async () => {
    await turn();
  },
};

export const settings: EcsSettingsInput = {
  clusterArn: 'arn:aws:ecs:us-east-1:123456789012:cluster/abca',
  taskDefinition: 'abca-agent',
  containerName: 'agent',
  subnets: ['subnet-1'],
  securityGroups: ['sg-1'],
};

/** Where ECS is: argument 1. */
export const ecsUrl = process.argv[2] ?? '';

/** Start, look at and stop one session, and print what was seen as a line of JSON. */
export async function roundTrip(strategy: ComputeStrategy): Promise<void> {
  const taskId = '01J00000000000000000000001' as TaskId;
  const sessionId = mintSessionId(taskId, 1);
  const handle = await strategy.startSession({ taskId, sessionId, generation: 1, compute: {}, environment: {} });
  const again = await strategy.startSession({ taskId, sessionId, generation: 1, compute: {}, environment: {} });
  const status = await strategy.pollSession(handle);
  const stop = await strategy.stopSession(handle);
  const sameHandle = JSON.stringify(again) === JSON.stringify(handle);
  const seen = { type: strategy.type, sameHandle, status: status.kind, stop: stop.kind, inversify: hasInversify() };
  process.stdout.write(`${JSON.stringify(seen)}\n`);
}

function hasInversify(): boolean {
  try {
    return import.meta.resolve('inversify') !== '';
  } catch {
    return false;
  }
}
