// #region contract
import { computeStrategyContract } from '@abca/core-testing';
import { afterEach } from '@jest/globals';
import { createWorld, type TinyRunWorld } from './tinyrun-world.test-kit.ts';

const worlds: TinyRunWorld[] = [];

afterEach(async () => {
  await Promise.all(worlds.splice(0).map(({ server }) => server.close()));
});

computeStrategyContract({
  create: async () => {
    const world = await createWorld();
    worlds.push(world);
    const { server, strategy, another } = world;
    return {
      strategy,
      observes: 'everything',
      restart: () => another(),
      starts: async (sessionId) => server.starts.filter((id) => id === sessionId.toLowerCase()).length,
      end: async ({ sessionId }, exitCode) => {
        const id = sessionId.toLowerCase();
        server.tell(id, String(exitCode));
        await server.whenOver(id);
      },
      neverStarted: () => ({
        strategyType: 'tinyrun',
        sessionId: 'abca-session-never-g1',
        endpoint: server.endpoint,
        jobId: 'abca-session-never-g1',
      }),
      broken: () => another({ program: 'never-deployed' }),
    };
  },
});
// #endregion
