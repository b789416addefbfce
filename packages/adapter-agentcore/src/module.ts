import { tokens, type Clock, type Logger } from '@abca/core';
import { ContainerModule } from 'inversify';
import { createAgentCoreClient } from './agentcore-calls.ts';
import { AgentCoreComputeStrategy, type AgentCoreComputeOptions } from './agentcore-compute-strategy.ts';
import { runtimeArnOf } from './agentcore-environment.ts';

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

/**
 * The module of a deployed program, by its environment; none where that names no runtime.
 *
 * @throws AbcaError CONFIG_INVALID
 */
export function agentCoreModulesOf(
  environment: Readonly<Record<string, string | undefined>>,
): readonly ContainerModule[] {
  const defaultRuntimeArn = runtimeArnOf(environment);
  if (defaultRuntimeArn === undefined) return [];
  const region = environment['AWS_REGION'];
  const client = () => createAgentCoreClient({ ...(region !== undefined && { region }) });
  return [agentCoreComputeModule({ client, defaultRuntimeArn })];
}
