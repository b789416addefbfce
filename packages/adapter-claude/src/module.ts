import { type Clock, type Logger, tokens } from '@abca/core';
import { ContainerModule } from 'inversify';
import { ClaudeCodingAgent, type ClaudeCodingAgentOptions } from './claude-coding-agent.ts';

/** What the module is told; clock and logger come from the container. */
export type ClaudeModuleOptions = Omit<ClaudeCodingAgentOptions, 'logger' | 'clock'>;

/** Binds `tokens.codingAgent` to a {@link ClaudeCodingAgent}. Needs `tokens.logger` and `tokens.clock`. */
export function claudeModule(options: ClaudeModuleOptions): ContainerModule {
  return new ContainerModule(({ bind }) => {
    bind(tokens.codingAgent)
      .toResolvedValue(
        (logger: Logger, clock: Clock) => new ClaudeCodingAgent({ ...options, logger, clock }),
        [tokens.logger, tokens.clock],
      )
      .inSingletonScope();
  });
}
