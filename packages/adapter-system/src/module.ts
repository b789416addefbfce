import { tokens, type Logger } from '@abca/core';
import { ContainerModule } from 'inversify';
import { SystemClock } from './system-clock.ts';
import { UlidGenerator } from './ulid-generator.ts';

/** Binds clock and ids of the machine, and the program's logger. */
export function systemModule(options: { readonly logger: Logger }): ContainerModule {
  return new ContainerModule(({ bind }) => {
    bind(tokens.clock).toConstantValue(new SystemClock());
    bind(tokens.idGenerator).toConstantValue(new UlidGenerator());
    bind(tokens.logger).toConstantValue(options.logger);
  });
}
