import {
  channelEnvironmentSchema,
  parseEnvironment,
  tokens,
  type CallOptions,
  type Clock,
  type ForgeTokens,
  type ChannelEnvironment,
} from '@abca/core';
import { ContainerModule } from 'inversify';
import { createGitHubClient, type GitHubClient } from './client/github-client.ts';
import type { RetryOptions } from './client/octokit.ts';
import { GitHubForge } from './forge/github-forge.ts';
import { GitHubNotifier } from './notify/github-notifier.ts';
import { GitHubPeople } from './people/github-people.ts';
import { AppForgeTokens } from './tokens/app-forge-tokens.ts';
import type { GitHubTokens } from './tokens/github-tokens.ts';
import { PatForgeTokens } from './tokens/pat-forge-tokens.ts';

/** Whom ABCA is on GitHub: an app, or one person by their token. */
export type GitHubCredentials =
  | { readonly kind: 'app'; readonly appId: string | number; readonly privateKey: string }
  | { readonly kind: 'token'; readonly token: string };

/** Settings of {@link gitHubModule}. */
export interface GitHubModuleOptions {
  readonly credentials: GitHubCredentials;
  /** @default https://api.github.com */
  readonly apiUrl?: string;
  /** @default the host of `apiUrl` without `api.` */
  readonly webUrl?: string;
  /** What a line of a comment begins with that is an order. @default @abca */
  readonly mention?: string;
  readonly retry?: RetryOptions;
}

/**
 * Adds GitHub to `tokens.forge` and `tokens.notifier`, which are bound once per kind, and binds `tokens.forgeTokens` and
 * `tokens.forgePeople`. Needs `tokens.clock`.
 */
export function gitHubModule(options: GitHubModuleOptions): ContainerModule {
  const client = (source: ForgeTokens, clock: Clock): GitHubClient =>
    createGitHubClient({ ...shared(options), tokens: source, clock, ...selfOf(source) });
  return new ContainerModule(({ bind }) => {
    bind(tokens.forgeTokens)
      .toResolvedValue((clock: Clock) => createGitHubTokens(options, clock), [tokens.clock])
      .inSingletonScope();
    bind(tokens.forge)
      .toResolvedValue(
        (source: ForgeTokens, clock: Clock) => new GitHubForge(client(source, clock)),
        [tokens.forgeTokens, tokens.clock],
      )
      .inSingletonScope();
    bind(tokens.forgePeople)
      .toResolvedValue(
        (source: ForgeTokens, clock: Clock) => new GitHubPeople(client(source, clock)),
        [tokens.forgeTokens, tokens.clock],
      )
      .inSingletonScope();
    bind(tokens.notifier)
      .toResolvedValue(
        (source: ForgeTokens, clock: Clock) =>
          new GitHubNotifier({
            client: client(source, clock),
            ...(options.mention !== undefined && { mention: options.mention }),
          }),
        [tokens.forgeTokens, tokens.clock],
      )
      .inSingletonScope();
  });
}

/**
 * GitHub as the environment of a deployed program names it: one module, or none.
 *
 * @throws AbcaError CONFIG_INVALID when it is there by half
 */
export function gitHubModulesOf(environment: Readonly<Record<string, string | undefined>>): readonly ContainerModule[] {
  const given = parseEnvironment('GitHub', channelEnvironmentSchema, environment);
  const credentials = credentialsOf(given);
  const { ABCA_GITHUB_URL: apiUrl } = given;
  return credentials === undefined ? [] : [gitHubModule({ credentials, ...(apiUrl !== undefined && { apiUrl }) })];
}

function credentialsOf(given: ChannelEnvironment): GitHubCredentials | undefined {
  const { ABCA_GITHUB_APP_ID: appId, ABCA_GITHUB_APP_PRIVATE_KEY: privateKey, ABCA_GITHUB_TOKEN: token } = given;
  if (appId !== undefined && privateKey !== undefined) return { kind: 'app', appId, privateKey };
  return token === undefined ? undefined : { kind: 'token', token };
}

function createGitHubTokens(options: GitHubModuleOptions, clock: Clock): GitHubTokens {
  const { credentials, apiUrl, retry } = options;
  const more = { clock, ...(apiUrl !== undefined && { apiUrl }), ...(retry && { retry }) };
  return credentials.kind === 'app'
    ? new AppForgeTokens({ appId: credentials.appId, privateKey: credentials.privateKey, ...more })
    : new PatForgeTokens({ token: credentials.token, ...more });
}

function shared({
  apiUrl,
  webUrl,
  retry,
}: GitHubModuleOptions): Pick<GitHubModuleOptions, 'apiUrl' | 'webUrl' | 'retry'> {
  return { ...(apiUrl !== undefined && { apiUrl }), ...(webUrl !== undefined && { webUrl }), ...(retry && { retry }) };
}

/** Tokens of another source, such as the platform's for a session, do not know whom they speak for. */
function selfOf(source: ForgeTokens): { readonly self?: (options?: CallOptions) => Promise<string> } {
  return 'login' in source ? { self: (options) => (source as GitHubTokens).login(options) } : {};
}
