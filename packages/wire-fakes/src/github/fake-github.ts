import type { Clock } from '@abca/core';
import { FakeClock } from '@abca/core/testing';
import { GitHttp } from './git/git-http.ts';
import { signWebhook, type DeliveryOptions } from './webhooks/deliver.ts';
import {
  issueCommentCreated,
  issueLabeled,
  reviewCommentCreated,
  reviewSubmitted,
  type WebhookPayload,
} from './webhooks/payloads.ts';
import { Failures, type FailurePlan } from './wire/failures.ts';
import { startRawServer, type RawServer } from './wire/http-server.ts';
import { apiPrefix, RestApi, type RecordedRequest } from './wire/rest-api.ts';
import type { App, Installation } from './world/app.ts';
import type { People } from './world/people.ts';
import { RepoControl } from './world/repo-control.ts';
import type { Comment, Issue, Pull, RepositoryOptions, Review, ReviewComment } from './world/repository.ts';
import type { IssuedToken, Permissions } from './world/tokens.ts';
import { World } from './world/world.ts';

/** Settings of a {@link FakeGitHub}. */
export interface FakeGitHubOptions {
  /** The service's time. @default a FakeClock */
  readonly clock?: Pick<Clock, 'nowMs'>;
  readonly app?: { readonly appId?: number; readonly slug?: string };
}

/** All that ABCA's app needs. */
export const appPermissions: Permissions = {
  metadata: 'read',
  contents: 'write',
  issues: 'write',
  pull_requests: 'write',
  checks: 'read',
};

/** Start GitHub on loopback, as far as ABCA needs it. See `github.md` for its behaviour, its sources and its knobs. */
export function startFakeGitHub(options: FakeGitHubOptions = {}): Promise<FakeGitHub> {
  return FakeGitHub.start(options);
}

/** GitHub on loopback: the REST API, git over HTTP, and the webhooks it sends. */
export class FakeGitHub {
  /** Every request of the API and of git, oldest first, those that went wrong among them. */
  readonly requests: RecordedRequest[] = [];
  readonly clock: Pick<Clock, 'nowMs'>;
  readonly #world: World;
  readonly #failures = new Failures();
  readonly #api: RestApi;
  readonly #git: GitHttp;
  readonly #controls = new Map<string, RepoControl>();
  #server: RawServer | undefined;

  private constructor({ clock = new FakeClock(), app = {} }: FakeGitHubOptions) {
    this.clock = clock;
    this.#world = new World(clock, app);
    const record = (request: RecordedRequest): void => {
      this.requests.push(request);
    };
    this.#api = new RestApi(this.#world, this.#failures, record);
    this.#git = new GitHttp(this.#world, this.#failures, record);
  }

  static async start(options: FakeGitHubOptions = {}): Promise<FakeGitHub> {
    const github = new FakeGitHub(options);
    github.#server = await startRawServer((request) =>
      request.path.startsWith(`${apiPrefix}/`) ? github.#api.answer(request) : github.#git.answer(request),
    );
    github.#world.webUrl = github.#server.url;
    return github;
  }

  /** Where the web and git are: what stands for `https://github.com`. */
  get url(): string {
    return this.#world.webUrl;
  }

  /** Where the API is: what stands for `https://api.github.com`. */
  get apiUrl(): string {
    return this.#world.apiUrl;
  }

  get app(): App {
    return this.#world.app;
  }

  get people(): People {
    return this.#world.people;
  }

  /** Requests and answers that are not as GitHub describes them, one sentence each. A test ends with none. */
  get violations(): readonly string[] {
    return this.#api.violations;
  }

  /** Every token that was handed out, oldest first. */
  get tokens(): readonly IssuedToken[] {
    return this.#world.tokens.all;
  }

  async close(): Promise<void> {
    await this.#server?.close();
  }

  addRepository(options: RepositoryOptions): RepoControl {
    const control = new RepoControl(this.#world, this.#world.addRepository(options));
    this.#controls.set(options.repo.toLowerCase(), control);
    return control;
  }

  repository(fullName: string): RepoControl {
    const control = this.#controls.get(fullName.toLowerCase());
    if (control === undefined) throw new Error(`there is no repository ${fullName}`);
    return control;
  }

  /** Install the app on an account. Its `permissions` and `suspended` may be changed later. */
  installApp(input: {
    readonly account: string;
    readonly repositories?: readonly string[] | 'all';
    readonly permissions?: Permissions;
  }): Installation {
    const installation: Installation = {
      id: this.#world.nextId(),
      account: input.account,
      repositories: input.repositories ?? 'all',
      permissions: input.permissions ?? appPermissions,
      suspended: false,
    };
    this.app.installations.push(installation);
    return installation;
  }

  /** A personal access token. It reaches what its owner does, and no more than it says. */
  addPersonalToken(input: {
    readonly login: string;
    readonly permissions?: Permissions;
    readonly repositories?: readonly string[] | 'all';
    readonly expiresAtMs?: number;
  }): IssuedToken {
    return this.#world.tokens.issue({
      kind: 'personal',
      account: this.people.account(input.login),
      repositories: input.repositories ?? 'all',
      permissions: input.permissions ?? appPermissions,
      createdAtMs: this.clock.nowMs(),
      expiresAtMs: input.expiresAtMs,
    });
  }

  /** Some calls to come go wrong. */
  failNext(plan: FailurePlan): void {
    this.#failures.plan(plan);
  }

  /** Forget what was planned to go wrong. */
  heal(): void {
    this.#failures.clear();
  }

  /** How many requests of an operation there were. */
  count(id: string): number {
    return this.requests.filter((request) => request.id === id).length;
  }

  /** Documents of webhooks. */
  readonly events = {
    issueLabeled: (repo: string, told: { issue: Issue; label: string; sender: string }): WebhookPayload =>
      issueLabeled(this.#told(repo, told.sender), told.issue, told.label),
    issueCommentCreated: (repo: string, told: { issue: Issue; comment: Comment }): WebhookPayload =>
      issueCommentCreated(this.#told(repo, told.comment.author.login), told.issue, told.comment),
    reviewCommentCreated: (repo: string, told: { pull: Pull; comment: ReviewComment }): Promise<WebhookPayload> =>
      reviewCommentCreated(this.#told(repo, told.comment.author.login), told.pull, told.comment),
    reviewSubmitted: (repo: string, told: { pull: Pull; review: Review }): Promise<WebhookPayload> =>
      reviewSubmitted(this.#told(repo, told.review.author.login), told.pull, told.review),
  };

  /** Send a webhook. @returns what was answered */
  async deliver(
    { event, payload }: { readonly event: string; readonly payload: unknown },
    options: DeliveryOptions & { readonly url: string },
  ): Promise<Response> {
    return fetch(options.url, signWebhook(event, payload, options));
  }

  #told(repo: string, sender: string): { world: World; repository: RepoControl['repository']; sender: string } {
    return { world: this.#world, repository: this.repository(repo).repository, sender };
  }
}
