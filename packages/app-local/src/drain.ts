import { AbcaError, tokens, type ComputeStrategy } from '@abca/core';
import { ContainerModule } from 'inversify';

/**
 * The switch that a stopping platform turns: from then on no session is started. A start that is asked for is refused as one
 * that may succeed later, so its durable step waits, and the next platform on the folder takes it up.
 */
export class Drain {
  #stopping = false;

  begin(): void {
    this.#stopping = true;
  }

  /** Puts the switch before every compute strategy of a container. */
  module(): ContainerModule {
    return new ContainerModule(({ onActivation }) => {
      onActivation<ComputeStrategy>(tokens.computeStrategy, (_context, strategy) => this.#guard(strategy));
    });
  }

  #guard(strategy: ComputeStrategy): ComputeStrategy {
    return {
      type: strategy.type,
      startSession: async (input, options) => {
        if (!this.#stopping) return strategy.startSession(input, options);
        throw new AbcaError('SESSION_START_FAILED', 'the platform is stopping; its next start takes the task up', {
          retryable: true,
        });
      },
      pollSession: (handle, options) => strategy.pollSession(handle, options),
      stopSession: (handle, options) => strategy.stopSession(handle, options),
    };
  }
}
