import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TaskView } from '@abca/app-api';
import type { ScriptInput } from '@abca/scripted-model';
import { startFakeGitHub, type FakeGitHub, type Issue, type Pull, type RepoControl } from '@abca/wire-fakes/github';
import { FakeSlack } from '@abca/wire-fakes/slack';
import { call } from '../support/api.ts';
import type { PlatformProcess } from '../support/platform-process.ts';
import { repo, Scene } from '../support/scene.ts';
import { until } from '../support/until.ts';

/** The services' own: no secret of anybody. */
const webhookSecret = 'what webhooks are signed with';
const signingSecret = 'what clicks are signed with';
/** Where the owner of the tasks is told, and who they are in Slack. */
const conversation = 'C0GENERAL';
const slackUser = 'U0ANN';
/** Who may write on GitHub. */
const maintainer = 'ann';

/** An operator's rule that asks before the changelog is written: of a severity that Slack may decide. */
export const changelogRule = `@tier("soft") @rule_id("ask_changelog") @severity("medium") @summary("the changelog is read by customers")
forbid (principal, action == Agent::Action::"write_file", resource)
when { context.file_path like "*CHANGELOG.md" };`;

/** Writes a file that the operator wants to be asked about. */
export const changelogScript: ScriptInput = {
  turns: [
    {
      text: 'I note the change.',
      tools: [{ name: 'Write', input: { file_path: '{{workspace}}/CHANGELOG.md', content: 'Fixed.\n' } }],
    },
    { text: 'The changelog says it.' },
  ],
};

/** A platform that is connected with GitHub and Slack, each on loopback, and one repository there. */
export class ChannelScene {
  readonly github: FakeGitHub;
  readonly slack: FakeSlack;
  readonly scene: Scene;
  readonly shop: RepoControl;
  readonly #keyDir: string;
  #platform: PlatformProcess | undefined;

  private constructor(parts: {
    github: FakeGitHub;
    slack: FakeSlack;
    scene: Scene;
    shop: RepoControl;
    keyDir: string;
  }) {
    this.github = parts.github;
    this.slack = parts.slack;
    this.scene = parts.scene;
    this.shop = parts.shop;
    this.#keyDir = parts.keyDir;
  }

  static async up(script: ScriptInput = changelogScript): Promise<ChannelScene> {
    const github = await startFakeGitHub({ clock: { nowMs: Date.now } });
    const slack = await FakeSlack.start({ signingSecret });
    const keyDir = mkdtempSync(join(tmpdir(), 'abca-e2e-key-'));
    const keyFile = join(keyDir, 'app.pem');
    writeFileSync(keyFile, github.app.privateKey, { mode: 0o600 });
    const scene = new Scene({
      script,
      flags: {
        githubUrl: github.apiUrl,
        githubAppId: github.app.appId,
        githubAppKey: keyFile,
        githubWebhookSecret: webhookSecret,
        slackUrl: slack.url,
        slackToken: slack.botToken,
        slackSigningSecret: signingSecret,
        leaseMs: 20_000,
      },
    });
    github.people.set(maintainer, repo, 'write');
    github.installApp({ account: 'acme' });
    const shop = github.addRepository({ repo, gitDir: scene.remote.path });
    const world = new ChannelScene({ github, slack, scene, shop, keyDir });
    try {
      await world.#begin();
      return world;
    } catch (error) {
      await world.end();
      throw error;
    }
  }

  get platform(): PlatformProcess {
    if (this.#platform === undefined) throw new Error('the platform is not up');
    return this.#platform;
  }

  async end(): Promise<void> {
    await this.scene.end();
    await Promise.all([this.github.close(), this.slack.close()]);
    rmSync(this.#keyDir, { recursive: true, force: true });
  }

  async #begin(): Promise<void> {
    this.#platform = await this.scene.start();
    await this.#send('POST', '/v1/repos', {
      repo,
      clone_url: this.shop.cloneUrl,
      forge: 'github',
      blueprint: { triggers: {}, security: { cedar_policies: { soft: changelogRule } } },
    });
    await this.#send('POST', '/v1/notifications/slack/link', { slack_user_id: slackUser });
    await this.#send('PUT', '/v1/notifications', { slack: { conversation } });
  }

  async #send(method: string, path: string, body: unknown): Promise<void> {
    const answer = await call(this.platform, method, path, { body });
    if (answer.status >= 300) throw new Error(`${method} ${path}: ${JSON.stringify(answer.body)}`);
  }

  /** Somebody opens an issue and puts the label of the platform on it. */
  openLabelledIssue(body = 'The changelog lacks the last fix.'): Issue {
    return this.shop.openIssue({ title: 'Note the fix', body, labels: ['abca'] });
  }

  /** GitHub tells of the label. @returns the answer */
  tellOfLabel(issue: Issue, deliveryId?: string): Promise<Response> {
    return this.github.deliver(this.github.events.issueLabeled(repo, { issue, label: 'abca', sender: maintainer }), {
      url: `${this.platform.url}/v1/webhooks/github`,
      secret: webhookSecret,
      ...(deliveryId !== undefined && { deliveryId }),
    });
  }

  /** A pull request of a person, from a branch with a commit of its own. */
  async openPull(): Promise<Pull> {
    const git = (...args: readonly string[]): string => this.scene.remote.git(...args).trim();
    const author = ['-c', 'user.name=Ann', '-c', 'user.email=ann@example.com'];
    const sha = git(...author, 'commit-tree', 'main^{tree}', '-p', 'main', '-m', 'Start');
    git('update-ref', 'refs/heads/feature', sha);
    return this.shop.openPull({ title: 'A feature', head: 'feature', author: maintainer });
  }

  /** A maintainer comments, and GitHub tells of it. @returns the status of the answer */
  async comment(issue: Issue, body: string, author = maintainer): Promise<number> {
    const comment = this.shop.comment(issue.number, { author, body });
    const told = this.github.events.issueCommentCreated(repo, { issue, comment });
    const url = `${this.platform.url}/v1/webhooks/github`;
    return (await this.github.deliver(told, { url, secret: webhookSecret })).status;
  }

  async tasks(): Promise<readonly TaskView[]> {
    return (await call<readonly TaskView[]>(this.platform, 'GET', '/v1/tasks')).body.data;
  }

  /** The card of an open request in Slack, once it is there. */
  whenCardOpen(boundMs = 60_000): Promise<Parameters<FakeSlack['click']>[0]['message']> {
    const open = () =>
      this.slack.messages(conversation).find(({ blocks }) => JSON.stringify(blocks).includes('abca_approve'));
    return until(async () => open(), {
      boundMs,
      what: async () => `no card: ${JSON.stringify(await this.tasks())} ${JSON.stringify(this.slack.messages())}`,
    });
  }

  /** The owner presses a button. @returns the status of the answer */
  async click(message: Parameters<FakeSlack['click']>[0]['message'], actionId: string): Promise<number> {
    const { headers, body } = this.slack.click({ user: slackUser, message, actionId });
    return (await fetch(`${this.platform.url}/v1/slack/interactions`, { method: 'POST', headers, body })).status;
  }
}
