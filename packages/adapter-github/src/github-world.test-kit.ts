import type { ForgeRepo, RepoId } from '@abca/core';
import type { ForgeHarness, RemoteControl } from '@abca/core-testing';
import { FakeClock } from '@abca/core/testing';
import { startFakeGitHub, type FakeGitHub, type RepoControl } from '@abca/wire-fakes/github';
import { createGitHubClient, type GitHubClient } from './client/github-client.ts';
import type { RetryOptions } from './client/octokit.ts';
import { GitHubForge } from './forge/github-forge.ts';
import { createGitRemote, removeRemotes, type GitRemote } from './git-remote.test-kit.ts';
import { GitHubNotifier } from './notify/github-notifier.ts';
import { GitHubPeople } from './people/github-people.ts';
import { AppForgeTokens } from './tokens/app-forge-tokens.ts';
import { PatForgeTokens } from './tokens/pat-forge-tokens.ts';

/** Waits of a thousandth, so that no test waits. */
export const quick: RetryOptions = { baseMs: 1, longestWaitMs: 5000 };

/** GitHub with one repository, `acme/shop`, and all of the adapter on it. */
export interface GitHubWorld {
  readonly github: FakeGitHub;
  readonly clock: FakeClock;
  readonly shop: RepoControl;
  readonly repo: ForgeRepo;
  readonly git: GitRemote;
  readonly tokens: AppForgeTokens;
  readonly client: GitHubClient;
  readonly forge: GitHubForge;
  readonly people: GitHubPeople;
  readonly notifier: GitHubNotifier;
}

const started: FakeGitHub[] = [];

/** For `afterAll`. */
export async function endWorlds(): Promise<void> {
  await Promise.all(started.splice(0).map((github) => github.close()));
  await removeRemotes();
}

const told = new Map<FakeGitHub, number>();

/** For `afterEach`: what is not as GitHub describes it in what the worlds were asked since the last time. */
export function violations(): readonly string[] {
  return started.flatMap((github) => {
    const fresh = github.violations.slice(told.get(github) ?? 0);
    told.set(github, github.violations.length);
    return fresh;
  });
}

export async function createGitHubWorld(
  files: Readonly<Record<string, string>> | undefined = { 'a.txt': 'one\ntwo\nthree\n' },
): Promise<GitHubWorld> {
  const clock = new FakeClock();
  const github = await startFakeGitHub({ clock });
  started.push(github);
  const git = await createGitRemote(files);
  const shop = github.addRepository({ repo: 'acme/shop', gitDir: git.gitDir });
  github.installApp({ account: 'acme' });
  const tokens = appTokens(github, clock);
  const client = createGitHubClient({
    tokens,
    clock: eager(clock),
    apiUrl: github.apiUrl,
    retry: quick,
    self: (options) => tokens.login(options),
  });
  return {
    github,
    clock,
    shop,
    repo: { repo: 'acme/shop' as RepoId, cloneUrl: shop.cloneUrl },
    git,
    tokens,
    client,
    forge: new GitHubForge(client),
    people: new GitHubPeople(client),
    notifier: new GitHubNotifier({ client }),
  };
}

export function appTokens(github: FakeGitHub, clock: FakeClock): AppForgeTokens {
  const { appId, privateKey } = github.app;
  return new AppForgeTokens({ appId, privateKey, clock, apiUrl: github.apiUrl, retry: quick });
}

/** The adapter as a person, by a token of theirs. */
export function asPerson({ github, clock }: GitHubWorld, token: string): GitHubClient {
  const tokens = new PatForgeTokens({ token, clock, apiUrl: github.apiUrl, retry: quick });
  return createGitHubClient({
    tokens,
    clock: eager(clock),
    apiUrl: github.apiUrl,
    retry: quick,
    self: (options) => tokens.login(options),
  });
}

/** The world as the contract of forges plays with it. */
export async function createForgeHarness(files?: Readonly<Record<string, string>>): Promise<ForgeHarness> {
  const world = await createGitHubWorld(files ?? {});
  const { git, repo, forge } = world;
  if (files === undefined) await git.git('update-ref', '-d', 'refs/heads/main');
  const remote: RemoteControl = {
    repo,
    sha: git.sha,
    files: git.files,
    commit: (branch, changes) => git.commit(`refs/heads/${branch}`, changes),
    refuseBranches: () => Promise.reject(new Error('nothing here pushes')),
  };
  return { forge, remote, save: git.commit, notARepository: `${world.github.url}/somebody/else.git` };
}

/** A clock whose sleepers wake at once, having slept. */
function eager(clock: FakeClock): Pick<FakeClock, 'nowMs' | 'sleep'> {
  return {
    nowMs: () => clock.nowMs(),
    sleep: async (ms, options) => {
      const slept = clock.sleep(ms, options);
      await clock.advance(ms);
      await slept;
    },
  };
}
