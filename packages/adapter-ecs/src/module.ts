import { tokens, type Clock, type Logger } from '@abca/core';
import { ContainerModule } from 'inversify';
import { createEcsClient } from './ecs/create-ecs-client.ts';
import { EcsComputeStrategy, type EcsComputeOptions } from './ecs-compute-strategy.ts';
import { ecsSettingsOf } from './settings/ecs-environment.ts';

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

/**
 * The module of a deployed program, by its environment; none where that names nothing of ECS.
 *
 * @throws AbcaError CONFIG_INVALID
 */
export function ecsModulesOf(environment: Readonly<Record<string, string | undefined>>): readonly ContainerModule[] {
  const settings = ecsSettingsOf(environment);
  if (settings === undefined) return [];
  const region = environment['AWS_REGION'];
  return [ecsComputeModule({ settings, client: () => createEcsClient({ ...(region !== undefined && { region }) }) })];
}
