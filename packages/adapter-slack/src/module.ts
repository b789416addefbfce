import { tokens, type Clock } from '@abca/core';
import { ContainerModule } from 'inversify';
import { SlackApi, type SlackApiOptions } from './api/slack-api.ts';
import { SlackNotifier } from './slack-notifier.ts';

/** Adds Slack to `tokens.notifier`, which is bound once per channel. Needs `tokens.clock`. */
export function slackModule(options: SlackApiOptions): ContainerModule {
  return new ContainerModule(({ bind }) => {
    bind(tokens.notifier)
      .toResolvedValue((clock: Clock) => new SlackNotifier({ api: new SlackApi(options), clock }), [tokens.clock])
      .inSingletonScope();
  });
}
