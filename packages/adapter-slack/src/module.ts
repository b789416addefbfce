import { tokens, type Clock } from '@abca/core';
import { ContainerModule } from 'inversify';
import { SlackApi, type SlackApiOptions } from './api/slack-api.ts';
import { SlackNotifier, type SlackNotifierOptions } from './slack-notifier.ts';

/** How Slack is reached, and whether clicks come back. */
export interface SlackModuleOptions extends SlackApiOptions, Pick<SlackNotifierOptions, 'buttons'> {}

/** Adds Slack to `tokens.notifier`, which is bound once per channel. Needs `tokens.clock`. */
export function slackModule({ buttons = true, ...api }: SlackModuleOptions): ContainerModule {
  return new ContainerModule(({ bind }) => {
    bind(tokens.notifier)
      .toResolvedValue((clock: Clock) => new SlackNotifier({ api: new SlackApi(api), clock, buttons }), [tokens.clock])
      .inSingletonScope();
  });
}
