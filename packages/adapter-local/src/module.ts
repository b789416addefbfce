import { tokens, type Clock, type Logger } from '@abca/core';
import { ContainerModule } from 'inversify';
import { LocalComputeStrategy, type LocalComputeOptions } from './local-compute-strategy.ts';

/** Adds the local strategy to `tokens.computeStrategy`, which is bound once per backend. Needs `tokens.clock` and `tokens.logger`. */
export function localComputeModule(options: Omit<LocalComputeOptions, 'clock' | 'logger'>): ContainerModule {
  return new ContainerModule(({ bind }) => {
    bind(tokens.computeStrategy)
      .toResolvedValue(
        (clock: Clock, logger: Logger) => new LocalComputeStrategy({ ...options, clock, logger }),
        [tokens.clock, tokens.logger],
      )
      .inSingletonScope();
  });
}
