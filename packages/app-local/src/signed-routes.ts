import {
  approvalLinkRoutes,
  slackRoutes,
  webhooks,
  type ApiDeps,
  type SignedRoutes,
  type WebhookConfig,
} from '@abca/app-api';
import { tokens, type ForgePeople, type IdentityLinks, type UserId } from '@abca/core';
import type { Container } from 'inversify';
import type { LinkMaker } from './channels.ts';
import type { PlatformConfig } from './platform-config.ts';

/** Name of the key that other systems sign with, as they send it. */
const webhookKeyId = 'local';

/**
 * What other systems may call, as far as `config` names a secret of theirs: webhooks, clicks in Slack, links in mails.
 *
 * @param user whose tasks the generic webhook submits
 */
export async function signedRoutes(
  container: Container,
  ports: Omit<ApiDeps, 'feed' | 'authenticate' | 'version'>,
  { config, links, user }: { readonly config: PlatformConfig; readonly links: LinkMaker; readonly user: UserId },
): Promise<readonly SignedRoutes[]> {
  return [
    ...webhookRoutes(container, ports, webhookConfig(config, user)),
    ...(await clickRoutes(container, ports, config)),
    ...(config.smtp === undefined
      ? []
      : [approvalLinkRoutes({ ...ports, linkKey: links.key, baseUrl: () => links.baseUrl() })]),
  ];
}

function webhookConfig(config: PlatformConfig, userId: UserId): WebhookConfig {
  const { githubWebhookSecret, webhookSecret } = config;
  return {
    ...(githubWebhookSecret !== undefined && { github: { secrets: [githubWebhookSecret] } }),
    ...(webhookSecret !== undefined && {
      generic: { keys: [{ id: webhookKeyId, secret: webhookSecret, userId }] },
    }),
  };
}

function webhookRoutes(
  container: Container,
  ports: Omit<ApiDeps, 'feed' | 'authenticate' | 'version'>,
  config: WebhookConfig,
): readonly SignedRoutes[] {
  if (config.github === undefined && config.generic === undefined) return [];
  const people = container.isBound(tokens.forgePeople) ? container.get<ForgePeople>(tokens.forgePeople) : strangers;
  return [webhooks({ ...ports, people }, config)];
}

/** Without access to GitHub nobody there can be told from anybody else. */
const strangers: ForgePeople = { permissionOf: async () => 'none' };

async function clickRoutes(
  container: Container,
  ports: Omit<ApiDeps, 'feed' | 'authenticate' | 'version'>,
  { slackToken: botToken, slackSigningSecret: signingSecret, slackUrl: apiUrl }: PlatformConfig,
): Promise<readonly SignedRoutes[]> {
  if (botToken === undefined || signingSecret === undefined) return [];
  const { SlackApi, SlackWebReplies } = await import('@abca/adapter-slack');
  const api = new SlackApi({ botToken, ...(apiUrl !== undefined && { apiUrl }) });
  const links = container.get<IdentityLinks>(tokens.identityLinks);
  return [slackRoutes({ ...ports, signingSecret, links, replies: new SlackWebReplies({ api, clock: ports.clock }) })];
}
