import { tokens, type Clock } from '@abca/core';
import { ContainerModule } from 'inversify';
import { EmailNotifier, type EmailNotifierOptions } from './email-notifier.ts';

/** Adds e-mail to `tokens.notifier`, which is bound once per channel. Needs `tokens.clock`. */
export function emailModule(options: Omit<EmailNotifierOptions, 'clock'>): ContainerModule {
  return new ContainerModule(({ bind }) => {
    bind(tokens.notifier)
      .toResolvedValue((clock: Clock) => new EmailNotifier({ ...options, clock }), [tokens.clock])
      .inSingletonScope();
  });
}
