import { AppForgeTokens } from '@abca/adapter-github';
import { SystemClock } from '@abca/adapter-system';
import { grantToken, tokenRequestSchema, type ForgeToken, type TaskSettings } from '@abca/core';
import { startFakeGitHub, type FakeGitHub, type RepoControl } from '@abca/wire-fakes/github';
import type { RealWorld } from './real-session.test-kit.ts';
import { settings } from './session/session.test-kit.ts';

/** The name of the repository on GitHub. */
export const gitHubRepo = 'acme/shop';

/** The repository of a world, on GitHub. */
export interface GitHubSide {
  readonly github: FakeGitHub;
  readonly control: RepoControl;
  /** The platform's own source of tokens. */
  readonly tokens: AppForgeTokens;
  /** What sessions were given, in order: those of the platform itself are not among them. */
  readonly granted: readonly ForgeToken[];
  /** What a session is told besides. */
  readonly env: Readonly<Record<string, string>>;
  readonly settings: TaskSettings;
}

/** Put the world's repository on GitHub, and a credentials function beside it. */
export async function connectGitHub(world: RealWorld): Promise<GitHubSide> {
  const clock = new SystemClock();
  const github = await startFakeGitHub({ clock });
  const control = github.addRepository({ repo: gitHubRepo, gitDir: world.bare });
  github.installApp({ account: 'acme' });
  const { appId, privateKey } = github.app;
  const tokens = new AppForgeTokens({ appId, privateKey, clock, apiUrl: github.apiUrl });
  const { tasks, rates } = world.stores;
  const granted: ForgeToken[] = [];
  world.functions.set('credentials', async (event) => {
    const token = await grantToken({ tasks, rates, clock, tokens }, tokenRequestSchema.parse(event));
    granted.push(token);
    return token;
  });
  return {
    github,
    control,
    tokens,
    granted,
    env: { ABCA_CREDENTIALS_FUNCTION: 'credentials', ABCA_GITHUB_URL: github.apiUrl },
    settings: { ...settings, maxTurns: 50, forge: 'github', cloneUrl: control.cloneUrl },
  };
}
