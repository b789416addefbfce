import { tokens, type Clock, type Logger } from '@abca/core';
import { ContainerModule } from 'inversify';
import { EcsComputeStrategy, type EcsComputeOptions } from './ecs-compute-strategy.ts';

/**
 * Adds the ECS strategy to `tokens.computeStrategy`, which is bound once per backend. Needs `tokens.clock` and
 * `tokens.logger`.
 */
export function ecsComputeModule(options: Omit<EcsComputeOptions, 'clock' | 'logger'>): ContainerModule {
  return new ContainerModule(({ bind }) => {
    bind(tokens.computeStrategy)
      .toResolvedValue(
        (clock: Clock, logger: Logger) => new EcsComputeStrategy({ ...options, clock, logger }),
        [tokens.clock, tokens.logger],
      )
      .inSingletonScope();
  });
}
