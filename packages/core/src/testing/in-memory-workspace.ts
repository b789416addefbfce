import { AbcaError } from '../errors/abca-error.ts';
import type { CallOptions } from '../ports/call-options.ts';
import type { Checkout, CheckoutInput, CommitResult, PushResult, SaveResult, Workspace } from '../ports/workspace.ts';
import { findBase, type InMemoryFiles, type InMemoryGitHost, type InMemoryRepository } from './in-memory-git-host.ts';

interface Copy {
  readonly repository: InMemoryRepository;
  readonly files: Map<string, string>;
  head: string;
  saved?: { readonly head: string; readonly tree: string };
}

/**
 * {@link Workspace} without files or processes. The agent's part is played with `writeFile` and `removeFile`. A line of
 * `.gitignore` ignores the path it names, or the paths with the ending after its `*`.
 */
export class InMemoryWorkspace implements Workspace {
  readonly #host: InMemoryGitHost;
  readonly #copies = new Map<string, Copy>();

  constructor(host: InMemoryGitHost) {
    this.#host = host;
  }

  writeFile(dir: string, path: string, content: string): void {
    this.#copy(dir).files.set(path, content);
  }

  removeFile(dir: string, path: string): void {
    this.#copy(dir).files.delete(path);
  }

  readFile(dir: string, path: string): string | undefined {
    return this.#copy(dir).files.get(path);
  }

  async checkout(input: CheckoutInput, options: CallOptions = {}): Promise<Checkout> {
    await Promise.resolve(options.signal?.throwIfAborted());
    const base = findBase(this.#host, input.cloneUrl, input.baseBranch);
    if (base.kind === 'missing') throw new AbcaError(base.code, base.message);
    const { repository } = base;
    const head = startOf(repository, input) ?? base.sha;
    const files = new Map(Object.entries(repository.filesAt(head)));
    this.#copies.set(input.dir, { repository, files, head });
    const { dir, branch, wipRef } = input;
    return { dir, baseBranch: base.branch, baseSha: base.sha, startSha: head, branch, wipRef };
  }

  async saveWork(checkout: Checkout, options: CallOptions = {}): Promise<SaveResult> {
    await Promise.resolve(options.signal?.throwIfAborted());
    const copy = this.#copy(checkout.dir);
    const { repository, head } = copy;
    const work = workOf(copy);
    const tree = treeOf(work);
    if (copy.saved?.head === head && copy.saved.tree === tree) return { kind: 'unchanged' };
    const clean = tree === treeOf(repository.filesAt(head));
    if (!copy.saved && clean && head === checkout.startSha) return { kind: 'unchanged' };
    const sha = clean ? head : repository.addCommit(work, [head]).sha;
    repository.refs.set(checkout.wipRef, sha);
    copy.saved = { head, tree };
    return { kind: 'saved', sha };
  }

  async commit(checkout: Checkout, _message: string, options: CallOptions = {}): Promise<CommitResult> {
    await Promise.resolve(options.signal?.throwIfAborted());
    const copy = this.#copy(checkout.dir);
    const work = workOf(copy);
    if (treeOf(work) === treeOf(copy.repository.filesAt(copy.head)))
      return { kind: 'nothing_to_commit', sha: copy.head };
    copy.head = copy.repository.addCommit(work, [copy.head]).sha;
    return { kind: 'committed', sha: copy.head };
  }

  async push(checkout: Checkout, options: CallOptions = {}): Promise<PushResult> {
    await Promise.resolve(options.signal?.throwIfAborted());
    const { repository, head } = this.#copy(checkout.dir);
    const ref = `refs/heads/${checkout.branch}`;
    const there = repository.refs.get(ref);
    if (repository.refusal !== undefined && there !== head) return { kind: 'rejected', reason: repository.refusal };
    const forward = there === undefined || repository.history(head).includes(there);
    if (!forward) return { kind: 'rejected', reason: 'non-fast-forward' };
    repository.refs.set(ref, head);
    return { kind: 'pushed', sha: head };
  }

  #copy(dir: string): Copy {
    const copy = this.#copies.get(dir);
    if (!copy)
      throw new AbcaError('WORKSPACE_ERROR', `checkout ${dir} was not made by this workspace; check it out first`);
    return copy;
  }
}

function startOf(repository: InMemoryRepository, { branch, startRef }: CheckoutInput): string | undefined {
  const sha = repository.refs.get(startRef ?? `refs/heads/${branch}`);
  if (sha === undefined && startRef !== undefined) {
    throw new AbcaError('BRANCH_NOT_FOUND', `the remote has no ref ${startRef}`);
  }
  return sha;
}

function workOf(copy: Copy): InMemoryFiles {
  const rules = (copy.files.get('.gitignore') ?? '').split('\n').filter(Boolean);
  const tracked = copy.repository.filesAt(copy.head);
  const ignored = (path: string): boolean =>
    rules.some((rule) => (rule.startsWith('*') ? path.endsWith(rule.slice(1)) : path === rule));
  return Object.fromEntries([...copy.files].filter(([path]) => path in tracked || !ignored(path)));
}

function treeOf(files: InMemoryFiles): string {
  return JSON.stringify(Object.entries(files).sort(([a], [b]) => (a < b ? -1 : 1)));
}
