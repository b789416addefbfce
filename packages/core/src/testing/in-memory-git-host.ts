/** Content by path. */
export type InMemoryFiles = Readonly<Record<string, string>>;

export interface InMemoryCommit {
  readonly sha: string;
  readonly files: InMemoryFiles;
  readonly parents: readonly string[];
}

/** A pull request as the in-memory forge keeps it. */
export interface InMemoryPull {
  readonly number: number;
  readonly taskId: string;
  headSha: string;
  /** Where it is from and where it goes. Tests that look at neither leave them out. */
  readonly branch?: string;
  readonly baseBranch?: string;
}

/** One repository of an {@link InMemoryGitHost}. Its fields are open for tests to look into. */
export class InMemoryRepository {
  readonly commits = new Map<string, InMemoryCommit>();
  /** Sha by full ref name. */
  readonly refs = new Map<string, string>();
  readonly pulls: InMemoryPull[] = [];
  defaultBranch = 'main';
  /** Set: pushes to branches are refused with this reason, as by a hook. */
  refusal: string | undefined;
  readonly #prefix: string;

  constructor(prefix: string) {
    this.#prefix = prefix;
  }

  /** Make a commit, on no ref yet. */
  addCommit(files: InMemoryFiles, parents: readonly string[]): InMemoryCommit {
    const sha = (this.#prefix + (this.commits.size + 1).toString(16)).padStart(40, '0');
    const commit = { sha, files, parents };
    this.commits.set(sha, commit);
    return commit;
  }

  /** Somebody's commit on a branch, which starts at the default branch when it is new. `undefined` deletes a file. */
  commitTo(branch: string, changes: Readonly<Record<string, string | undefined>>): string {
    const ref = `refs/heads/${branch}`;
    const parent = this.refs.get(ref) ?? this.refs.get(`refs/heads/${this.defaultBranch}`);
    const files = { ...this.filesAt(parent), ...changes };
    const present = Object.fromEntries(Object.entries(files).filter(([, content]) => content !== undefined));
    const { sha } = this.addCommit(present as InMemoryFiles, parent === undefined ? [] : [parent]);
    this.refs.set(ref, sha);
    return sha;
  }

  filesAt(sha: string | undefined): InMemoryFiles {
    return (sha === undefined ? undefined : this.commits.get(sha)?.files) ?? {};
  }

  branches(): string[] {
    const prefix = 'refs/heads/';
    return [...this.refs.keys()].filter((ref) => ref.startsWith(prefix)).map((ref) => ref.slice(prefix.length));
  }

  /** `sha` and everything it came from, nearest first. */
  history(sha: string | undefined): string[] {
    const seen = new Set<string>();
    const queue = sha === undefined ? [] : [sha];
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
      if (seen.has(next)) continue;
      seen.add(next);
      queue.push(...(this.commits.get(next)?.parents ?? []));
    }
    return [...seen];
  }
}

/** Repositories by address, shared by {@link InMemoryWorkspace} and {@link InMemoryForge} as the remote that both see. */
export class InMemoryGitHost {
  readonly #repositories = new Map<string, InMemoryRepository>();

  /** A repository at the address. Empty unless files are given, which become the first commit of `main`. */
  addRepository(cloneUrl: string, files?: InMemoryFiles): InMemoryRepository {
    const repository = new InMemoryRepository((this.#repositories.size + 1).toString(16).padEnd(2, 'a'));
    this.#repositories.set(cloneUrl, repository);
    if (files) repository.commitTo(repository.defaultBranch, files);
    return repository;
  }

  find(cloneUrl: string): InMemoryRepository | undefined {
    return this.#repositories.get(cloneUrl);
  }
}

export type InMemoryBase =
  | { readonly kind: 'found'; readonly repository: InMemoryRepository; readonly branch: string; readonly sha: string }
  | {
      readonly kind: 'missing';
      readonly code: 'NOT_A_REPOSITORY' | 'EMPTY_REPOSITORY' | 'BRANCH_NOT_FOUND';
      readonly message: string;
    };

/** The base branch of a task, or what is missing. */
export function findBase(host: InMemoryGitHost, cloneUrl: string, wanted: string | undefined): InMemoryBase {
  const repository = host.find(cloneUrl);
  if (!repository) return { kind: 'missing', code: 'NOT_A_REPOSITORY', message: `not a git repository: ${cloneUrl}` };
  const names = repository.branches();
  if (names.length === 0)
    return { kind: 'missing', code: 'EMPTY_REPOSITORY', message: `repository is empty: ${cloneUrl}` };
  const branch = wanted ?? repository.defaultBranch;
  const sha = repository.refs.get(`refs/heads/${branch}`);
  if (sha !== undefined) return { kind: 'found', repository, branch, sha };
  const message = `base branch ${branch} does not exist; available: ${names.join(', ')}`;
  return { kind: 'missing', code: 'BRANCH_NOT_FOUND', message };
}
