import { SesTransport, sesClientSettings } from '@abca/adapter-email';
import { emailModule } from '@abca/adapter-email/module';
import { gitHubModulesOf } from '@abca/adapter-github/module';
import { slackModule } from '@abca/adapter-slack/module';
import { approvalLinkUrl, channelEnvironmentSchema, parseEnvironment, type ChannelEnvironment } from '@abca/core';
import { SESv2Client } from '@aws-sdk/client-sesv2';
import type { ContainerModule } from 'inversify';

/**
 * The channels of a deployed program, by its environment: one module for each that is named there. Another channel is one more
 * line here.
 *
 * @throws AbcaError CONFIG_INVALID when a channel is there by half
 */
export function channelModulesOf(
  environment: Readonly<Record<string, string | undefined>>,
): readonly ContainerModule[] {
  const given = parseEnvironment('the channels', channelEnvironmentSchema, environment);
  return [...slackOf(given), ...gitHubModulesOf(environment), ...emailOf(given, environment['AWS_REGION'])];
}

function slackOf({ ABCA_SLACK_BOT_TOKEN: botToken, ABCA_SLACK_URL: apiUrl }: ChannelEnvironment): ContainerModule[] {
  return botToken === undefined ? [] : [slackModule({ botToken, ...(apiUrl !== undefined && { apiUrl }) })];
}

function emailOf(given: ChannelEnvironment, region: string | undefined): ContainerModule[] {
  const { ABCA_EMAIL_FROM: from, ABCA_SES_CONFIGURATION_SET: configurationSet } = given;
  if (from === undefined) return [];
  const client = new SESv2Client({ ...sesClientSettings, ...(region !== undefined && { region }) });
  const transport = new SesTransport(client, { from, ...(configurationSet !== undefined && { configurationSet }) });
  const { ABCA_PUBLIC_URL: baseUrl, ABCA_APPROVAL_LINK_KEY: linkKey } = given;
  if (baseUrl === undefined || linkKey === undefined) return [emailModule({ transport })];
  return [emailModule({ transport, linkFor: (approval) => approvalLinkUrl(approval, { baseUrl, linkKey }) })];
}
