import { AbcaError } from '@abca/core';
import { InMemoryComputeStrategy } from '@abca/core/testing';
import { computeStrategyContract } from './compute-strategy.contract.ts';

computeStrategyContract({
  create: async () => {
    const strategy = new InMemoryComputeStrategy();
    return {
      strategy,
      // The map is the substrate: another program would see the same one.
      restart: () => strategy,
      starts: async (sessionId) => strategy.started.filter((input) => input.sessionId === sessionId).length,
      end: async (handle, exitCode) => {
        const failed = { kind: 'failed', error: `exit code ${String(exitCode)}` } as const;
        strategy.end(handle.sessionId, exitCode === 0 ? { kind: 'completed' } : failed);
      },
      neverStarted: () => ({ strategyType: 'memory', sessionId: 'abca-session-never-g1' }),
      broken: () => {
        const broken = new InMemoryComputeStrategy();
        broken.failNext('start', new AbcaError('SESSION_START_FAILED', 'no capacity', { retryable: true }));
        return broken;
      },
    };
  },
});
