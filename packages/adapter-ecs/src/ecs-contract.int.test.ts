import { computeStrategyContract } from '@abca/core-testing';
import { afterEach } from '@jest/globals';
import { createEcsWorld, someSettings, type EcsWorld } from './ecs-world.test-kit.ts';
import { parseHandle } from './ecs-session-handle.ts';

const worlds: EcsWorld[] = [];

afterEach(async () => {
  await Promise.all(worlds.splice(0).map((world) => world.close()));
});

computeStrategyContract({
  create: async () => {
    const world = await createEcsWorld();
    const { ecs } = world;
    worlds.push(world);
    ecs.registerTaskDefinition({ family: 'retired', containers: [{ name: 'agent' }], status: 'INACTIVE' });
    return {
      strategy: world.strategy,
      restart: () => world.another(),
      starts: (sessionId) => Promise.resolve(ecs.tasks().filter(({ origin }) => origin.startedBy === sessionId).length),
      end: (handle, exitCode) => {
        const { taskArn } = parseHandle(handle);
        ecs.endContainer(taskArn, 'agent', { exitCode });
        ecs.settle(taskArn);
        return Promise.resolve();
      },
      neverStarted: () => ({
        strategyType: 'ecs',
        sessionId: 'abca-session-never-g1',
        clusterArn: ecs.clusterArn(),
        taskArn: 'arn:aws:ecs:us-east-1:123456789012:task/abca/00000000000000000000000000000000',
      }),
      broken: () => world.another({ settings: { ...someSettings, taskDefinition: 'retired' } }),
    };
  },
});
