import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { computeStrategyContract } from '@abca/core-testing';
import { afterEach } from '@jest/globals';
import { createLocalWorld, endAgent, readText, type LocalWorld } from './local-session.test-kit.ts';

const worlds: LocalWorld[] = [];

afterEach(async () => {
  await Promise.all(worlds.splice(0).map((world) => world.close()));
});

computeStrategyContract({
  create: async () => {
    const world = await createLocalWorld();
    worlds.push(world);
    await writeFile(join(world.root, 'a-file'), '');
    return {
      strategy: world.strategy,
      restart: () => world.another(),
      starts: async (sessionId) => {
        const claimed = await readText(join(world.sessionsDir, sessionId, 'claim'));
        return claimed === undefined ? 0 : (await world.read(sessionId, 'home/starts')).trim().split('\n').length;
      },
      end: (handle, exitCode) => endAgent(world, handle, exitCode),
      neverStarted: () => ({
        strategyType: 'local',
        sessionId: 'abca-session-never-g1',
        pid: 4_000_000,
        startedAtTicks: 1,
        workspaceDir: join(world.sessionsDir, 'abca-session-never-g1', 'workspace'),
      }),
      broken: () => world.another({ sessionsDir: join(world.root, 'a-file', 'sessions') }),
    };
  },
});
