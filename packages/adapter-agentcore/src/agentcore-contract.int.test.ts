import { computeStrategyContract } from '@abca/core-testing';
import { fakeRuntimeArn } from '@abca/core-testing/fakes/agentcore';
import { afterEach } from '@jest/globals';
import { createAgentCoreWorld, otherRuntimeArn, type AgentCoreWorld } from './agentcore-world.test-kit.ts';

const worlds: AgentCoreWorld[] = [];

afterEach(async () => {
  await Promise.all(worlds.splice(0).map((world) => world.close()));
});

computeStrategyContract({
  create: async () => {
    const world = await createAgentCoreWorld();
    worlds.push(world);
    const { fake, program } = world;
    return {
      strategy: world.strategy,
      observes: 'nothing',
      restart: () => world.another(),
      starts: async (sessionId) => program.begun.filter((begun) => begun === sessionId).length,
      // The service knows no exit code: work is done, well or not, and the idle environment is taken away.
      end: async ({ sessionId }) => {
        program.finish(sessionId);
        await fake.advance(16 * 60_000);
      },
      neverStarted: () => ({
        strategyType: 'agentcore',
        sessionId: 'abca-session-01J0000000000000000000NEVER-g1',
        runtimeArn: fakeRuntimeArn,
      }),
      broken: () => world.another({ defaultRuntimeArn: otherRuntimeArn }),
    };
  },
});
