import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { GitHubCredentials } from '@abca/adapter-github/module';
import { AbcaError, approvalLinkUrl } from '@abca/core';
import type { ContainerModule } from 'inversify';
import type { PlatformConfig } from './platform-config.ts';

/** How the links in messages are made. */
export interface LinkMaker {
  /** Signs them. Secret. */
  readonly key: string;
  /** Where they lead. Asked for each, as an address of the platform's own is known once it listens. */
  readonly baseUrl: () => string;
}

/** The key of a platform's links: made from its token, so that a restart leaves links as they are. */
export function linkKeyOf(token: string): string {
  return createHash('sha256').update(`approval links of ${token}`).digest('hex');
}

/** GitHub, Slack and mail, as far as `config` names them. Loaded then alone: a platform without them starts without their weight. */
export async function channelModules(
  stack: AsyncDisposableStack,
  config: PlatformConfig,
  links: LinkMaker,
): Promise<readonly ContainerModule[]> {
  const parts = await Promise.all([gitHubOf(config), slackOf(config), emailOf(stack, config, links)]);
  return parts.flat();
}

async function gitHubOf(config: PlatformConfig): Promise<readonly ContainerModule[]> {
  const credentials = gitHubCredentials(config);
  if (credentials === undefined) return [];
  const { gitHubModule } = await import('@abca/adapter-github/module');
  const { githubUrl: apiUrl } = config;
  return [gitHubModule({ credentials, ...(apiUrl !== undefined && { apiUrl }) })];
}

function gitHubCredentials(config: PlatformConfig): GitHubCredentials | undefined {
  const { githubToken, githubAppId, githubAppKey } = config;
  if (githubToken !== undefined) return { kind: 'token', token: githubToken };
  if (githubAppId === undefined || githubAppKey === undefined) return undefined;
  return { kind: 'app', appId: githubAppId, privateKey: readKey(githubAppKey) };
}

function readKey(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    const message = `the key of the GitHub App cannot be read from ${file}; check githubAppKey`;
    throw new AbcaError('CONFIG_INVALID', message, { cause: error });
  }
}

async function slackOf(config: PlatformConfig): Promise<readonly ContainerModule[]> {
  const { slackToken: botToken, slackUrl: apiUrl, slackSigningSecret } = config;
  if (botToken === undefined) return [];
  const { slackModule } = await import('@abca/adapter-slack/module');
  // Nobody would answer a click.
  const buttons = slackSigningSecret !== undefined;
  return [slackModule({ botToken, buttons, ...(apiUrl !== undefined && { apiUrl }) })];
}

async function emailOf(
  stack: AsyncDisposableStack,
  { smtp: url, emailFrom: from }: PlatformConfig,
  { key, baseUrl }: LinkMaker,
): Promise<readonly ContainerModule[]> {
  if (url === undefined || from === undefined) return [];
  const { SmtpTransport } = await import('@abca/adapter-email');
  const { emailModule } = await import('@abca/adapter-email/module');
  const transport = new SmtpTransport({ url, from });
  stack.defer(() => transport.close());
  return [
    emailModule({ transport, linkFor: (approval) => approvalLinkUrl(approval, { baseUrl: baseUrl(), linkKey: key }) }),
  ];
}
