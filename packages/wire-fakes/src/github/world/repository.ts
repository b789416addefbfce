import { BareRepository, RefsInMemory, type GitData } from '../git/git-data.ts';
import type { Account } from './people.ts';

/** How a repository begins. */
export interface RepositoryOptions {
  /** `owner/name`. */
  readonly repo: string;
  /** A bare repository that its refs and commits are those of, and that git is served from. */
  readonly gitDir?: string;
  /** Without `gitDir`: shas by full names of refs. @default main at forty 1s */
  readonly refs?: Readonly<Record<string, string>>;
  /** @default main */
  readonly defaultBranch?: string;
  /** @default true */
  readonly private?: boolean;
  readonly archived?: boolean;
}

export interface Comment {
  readonly id: number;
  body: string;
  readonly author: Account;
  readonly createdAtMs: number;
  updatedAtMs: number;
  /** Made with a token of the app. */
  readonly viaApp: boolean;
}

export interface ReviewComment extends Comment {
  readonly path: string;
  readonly line?: number;
}

export interface Review {
  readonly id: number;
  readonly author: Account;
  readonly body: string;
  readonly state: 'COMMENTED' | 'APPROVED' | 'CHANGES_REQUESTED';
  readonly commitId: string;
  readonly submittedAtMs: number;
}

/** An issue, or the half of a pull request that is one. */
export interface Issue {
  readonly number: number;
  title: string;
  body: string | null;
  readonly author: Account;
  readonly createdAtMs: number;
  readonly labels: string[];
  state: 'open' | 'closed';
  readonly comments: Comment[];
}

export interface Pull {
  readonly issue: Issue;
  readonly base: string;
  readonly headBranch: string;
  /** `owner/name` that the branch is in. */
  readonly headRepo: string;
  /** Of a fork, or of a branch that is gone. Else the branch says. */
  headSha: string;
  readonly draft: boolean;
  merged: boolean;
  readonly reviews: Review[];
  readonly reviewComments: ReviewComment[];
}

export interface CheckRun {
  readonly name: string;
  readonly status: 'queued' | 'in_progress' | 'completed';
  readonly conclusion?: 'success' | 'failure' | 'neutral' | 'cancelled' | 'timed_out' | 'skipped';
  readonly title?: string;
  readonly summary?: string;
}

/** A repository and what is in it. */
export class Repository {
  readonly fullName: string;
  readonly id: number;
  readonly private: boolean;
  readonly defaultBranch: string;
  archived: boolean;
  readonly git: GitData;
  readonly gitDir: string | undefined;
  readonly issues = new Map<number, Issue>();
  readonly pulls = new Map<number, Pull>();
  readonly checkRuns = new Map<string, readonly CheckRun[]>();

  constructor(id: number, options: RepositoryOptions) {
    this.id = id;
    this.fullName = options.repo;
    this.private = options.private ?? true;
    this.archived = options.archived ?? false;
    this.defaultBranch = options.defaultBranch ?? 'main';
    this.gitDir = options.gitDir;
    this.git =
      options.gitDir === undefined
        ? new RefsInMemory(options.refs ?? { 'refs/heads/main': '1'.repeat(40) })
        : new BareRepository(options.gitDir);
  }

  get owner(): string {
    return this.fullName.slice(0, this.fullName.indexOf('/'));
  }

  get name(): string {
    return this.fullName.slice(this.fullName.indexOf('/') + 1);
  }

  /** Issues and pull requests are numbered together. */
  nextNumber(): number {
    return this.issues.size + 1;
  }

  /** Where the head of a pull request is now. It follows its branch while it is open. Kept on `refs/pull/<n>/head`. */
  async headOf(pull: Pull): Promise<string> {
    const ref = `refs/heads/${pull.headBranch}`;
    const shown = pull.headRepo === this.fullName ? (await this.git.refs()).get(ref) : undefined;
    if (shown !== undefined && pull.issue.state === 'open' && shown !== pull.headSha) {
      pull.headSha = shown;
      await this.git.setRef(`refs/pull/${String(pull.issue.number)}/head`, shown);
    }
    return pull.headSha;
  }
}
