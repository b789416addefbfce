import type { CheckRun, Comment, Issue, Pull, Repository, Review, ReviewComment } from './repository.ts';
import type { World } from './world.ts';

/** What somebody wrote. */
export interface Written {
  /** Login of the author. @default octocat */
  readonly author?: string;
  readonly body: string;
}

/** A repository as a test plays with it, past the API. */
export class RepoControl {
  readonly repository: Repository;
  readonly #world: World;

  constructor(world: World, repository: Repository) {
    this.#world = world;
    this.repository = repository;
  }

  get cloneUrl(): string {
    return `${this.#world.webUrl}/${this.repository.fullName}.git`;
  }

  openIssue(input: Partial<Written> & { readonly title: string; readonly labels?: readonly string[] }): Issue {
    const issue: Issue = {
      number: this.repository.nextNumber(),
      title: input.title,
      body: input.body ?? null,
      author: this.#world.people.account(input.author ?? 'octocat'),
      createdAtMs: this.#world.clock.nowMs(),
      labels: [...(input.labels ?? [])],
      state: 'open',
      comments: [],
    };
    this.repository.issues.set(issue.number, issue);
    return issue;
  }

  /** A pull request of a person: from a branch here, or from a fork whose head is `headSha`. */
  async openPull(
    input: Partial<Written> & {
      readonly title: string;
      readonly head: string;
      readonly base?: string;
      readonly headRepo?: string;
      readonly headSha?: string;
    },
  ): Promise<Pull> {
    const { repository } = this;
    const branchSha = (await repository.git.refs()).get(`refs/heads/${input.head}`);
    const pull: Pull = {
      issue: this.openIssue(input),
      base: input.base ?? repository.defaultBranch,
      headBranch: input.head,
      headRepo: input.headRepo ?? repository.fullName,
      headSha: input.headSha ?? branchSha ?? '0'.repeat(40),
      draft: false,
      merged: false,
      reviews: [],
      reviewComments: [],
    };
    repository.pulls.set(pull.issue.number, pull);
    await repository.git.setRef(`refs/pull/${String(pull.issue.number)}/head`, pull.headSha);
    return pull;
  }

  /** A comment on an issue or a pull request. */
  comment(number: number, input: Written): Comment {
    const comment = { ...this.#comment(input), viaApp: false };
    this.issue(number).comments.push(comment);
    return comment;
  }

  removeComment(number: number, id: number): void {
    const { comments } = this.issue(number);
    comments.splice(0, comments.length, ...comments.filter((comment) => comment.id !== id));
  }

  reviewComment(number: number, input: Written & { readonly path: string; readonly line?: number }): ReviewComment {
    const { path, line } = input;
    const comment = { ...this.#comment(input), viaApp: false, path, ...(line !== undefined && { line }) };
    this.pull(number).reviewComments.push(comment);
    return comment;
  }

  review(number: number, input: Written & { readonly state?: Review['state'] }): Review {
    const pull = this.pull(number);
    const review: Review = {
      id: this.#world.nextId(),
      author: this.#world.people.account(input.author ?? 'octocat'),
      body: input.body,
      state: input.state ?? 'COMMENTED',
      commitId: pull.headSha,
      submittedAtMs: this.#world.clock.nowMs(),
    };
    pull.reviews.push(review);
    return review;
  }

  closePull(number: number, how: 'closed' | 'merged' = 'closed'): void {
    const pull = this.pull(number);
    pull.issue.state = 'closed';
    pull.merged = how === 'merged';
  }

  setCheckRuns(sha: string, runs: readonly CheckRun[]): void {
    this.repository.checkRuns.set(sha, runs);
  }

  issue(number: number): Issue {
    const issue = this.repository.issues.get(number);
    if (issue === undefined) throw new Error(`there is no issue ${String(number)} in ${this.repository.fullName}`);
    return issue;
  }

  pull(number: number): Pull {
    const pull = this.repository.pulls.get(number);
    if (pull === undefined) throw new Error(`there is no pull request ${String(number)}`);
    return pull;
  }

  #comment({ author, body }: Written): Omit<Comment, 'viaApp'> {
    const nowMs = this.#world.clock.nowMs();
    return {
      id: this.#world.nextId(),
      body,
      author: this.#world.people.account(author ?? 'octocat'),
      createdAtMs: nowMs,
      updatedAtMs: nowMs,
    };
  }
}
