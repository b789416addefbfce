import { tokens, type Clock, type Logger } from '@abca/core';
import { ContainerModule } from 'inversify';
import { AgentCoreComputeStrategy, type AgentCoreComputeOptions } from './agentcore-compute-strategy.ts';

/**
 * Adds the AgentCore strategy to `tokens.computeStrategy`, which is bound once per backend. Needs `tokens.clock` and
 * `tokens.logger`.
 */
export function agentCoreComputeModule(options: Omit<AgentCoreComputeOptions, 'clock' | 'logger'>): ContainerModule {
  return new ContainerModule(({ bind }) => {
    bind(tokens.computeStrategy)
      .toResolvedValue(
        (clock: Clock, logger: Logger) => new AgentCoreComputeStrategy({ ...options, clock, logger }),
        [tokens.clock, tokens.logger],
      )
      .inSingletonScope();
  });
}
