// #region module
import { tokens, type Clock } from '@abca/core';
import { ContainerModule } from 'inversify';
import { TinyRunComputeStrategy, type TinyRunComputeOptions } from './tinyrun-compute-strategy.ts';

/** Adds TinyRun to `tokens.computeStrategy`, which is bound once per backend. Needs `tokens.clock`. */
export function tinyRunModule(options: Omit<TinyRunComputeOptions, 'clock'>): ContainerModule {
  return new ContainerModule(({ bind }) => {
    bind(tokens.computeStrategy)
      .toResolvedValue((clock: Clock) => new TinyRunComputeStrategy({ ...options, clock }), [tokens.clock])
      .inSingletonScope();
  });
}
// #endregion
