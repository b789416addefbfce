import { AbcaError } from '../errors/abca-error.ts';
import { emptyContext, type HydratedContext } from '../forge/hydrated-context.ts';
import type { CallOptions } from '../ports/call-options.ts';
import type {
  ContextQuery,
  DeliveryEvidence,
  EvidenceQuery,
  Forge,
  PreflightQuery,
  PreflightResult,
  PullRequest,
  PullRequestInput,
  ReviewInput,
} from '../ports/forge.ts';
import { findBase, type InMemoryGitHost, type InMemoryPull, type InMemoryRepository } from './in-memory-git-host.ts';

/** {@link Forge} over an {@link InMemoryGitHost}. */
export class InMemoryForge implements Forge {
  readonly type = 'git';
  /** The reviews that were left, by pull request and task. */
  readonly reviews = new Map<string, ReviewInput>();
  /** What `fetchContext` answers. */
  context: HydratedContext = emptyContext;
  readonly #host: InMemoryGitHost;
  #failures: unknown[] = [];

  constructor(host: InMemoryGitHost) {
    this.#host = host;
  }

  /** The next call rejects with `error`. */
  failNext(error: unknown): void {
    this.#failures.push(error);
  }

  async preflight(query: PreflightQuery, options: CallOptions = {}): Promise<PreflightResult> {
    await this.#enter(options);
    if (query.taskType !== 'new_task') return this.#preflightPull(query);
    const base = findBase(this.#host, query.cloneUrl, query.baseBranch);
    if (base.kind === 'missing') return { kind: 'failed', code: base.code, message: base.message };
    if (query.protectedBranches.includes(base.branch)) {
      return {
        kind: 'failed',
        code: 'BRANCH_PROTECTED',
        message: `base branch ${base.branch} is protected; name another`,
      };
    }
    return { kind: 'passed', baseBranch: base.branch };
  }

  async fetchContext(_query: ContextQuery, options: CallOptions = {}): Promise<HydratedContext> {
    await this.#enter(options);
    return this.context;
  }

  async ensurePullRequest(input: PullRequestInput, options: CallOptions = {}): Promise<PullRequest> {
    await this.#enter(options);
    const repository = this.#repository(input.cloneUrl);
    const sha = repository.refs.get(`refs/heads/${input.branch}`);
    if (sha !== input.headSha) {
      throw new AbcaError(
        'NOT_DELIVERED',
        `${input.branch} is at ${sha ?? 'nothing'}, not at ${input.headSha}; push first`,
      );
    }
    const { taskId, headSha, branch, baseBranch } = input;
    const known = pullOf(repository, input);
    const pull = known ?? { number: repository.pulls.length + 1, taskId, headSha, branch, baseBranch };
    pull.headSha = headSha;
    if (!known) repository.pulls.push(pull);
    repository.refs.set(pullRef(pull), headSha);
    return { number: pull.number, url: pullUrl(input.cloneUrl, pull) };
  }

  async submitReview(input: ReviewInput, options: CallOptions = {}): Promise<{ readonly url: string }> {
    await this.#enter(options);
    const { prNumber, taskId } = input;
    if (!this.#repository(input.cloneUrl).pulls.some(({ number }) => number === prNumber)) {
      throw new AbcaError('NOT_DELIVERED', `review was not left: there is no pull request #${String(prNumber)}`);
    }
    const key = reviewKey(prNumber, taskId);
    if (!this.reviews.has(key)) this.reviews.set(key, input);
    return { url: reviewUrl(input.cloneUrl, input.prNumber) };
  }

  async gatherEvidence(query: EvidenceQuery, options: CallOptions = {}): Promise<DeliveryEvidence> {
    await this.#enter(options);
    const repository = this.#repository(query.cloneUrl);
    const branchSha = repository.refs.get(`refs/heads/${query.branch}`);
    const wipSha = repository.refs.get(query.wipRef);
    const baseSha = repository.refs.get(`refs/heads/${query.baseBranch}`);
    const pull = pullOf(repository, query);
    const review = this.reviews.get(reviewKey(query.reviewOf ?? 0, query.taskId));
    return {
      ...(review && { review: { url: reviewUrl(review.cloneUrl, review.prNumber) } }),
      ...(branchSha !== undefined && { branchSha }),
      ...(wipSha !== undefined && { wipSha }),
      ...(baseSha !== undefined && { baseSha }),
      ...(pull && {
        pullRequest: {
          number: pull.number,
          url: pullUrl(query.cloneUrl, pull),
          headSha: pull.headSha,
          state: stateOf(repository, pull, { branchSha, baseSha }),
        },
      }),
      diff: measure(repository, baseSha, branchSha ?? wipSha),
    };
  }

  #preflightPull({ cloneUrl, prNumber, taskType, protectedBranches }: PreflightQuery): PreflightResult {
    const repository = this.#host.find(cloneUrl);
    const pull = repository?.pulls.find(({ number }) => number === prNumber);
    const name = `pull request #${String(prNumber)}`;
    const { branch, baseBranch = 'main' } = pull ?? {};
    if (repository === undefined || pull === undefined || branch === undefined) {
      return { kind: 'failed', code: 'PREFLIGHT_FAILED', message: `${name} does not exist` };
    }
    const shaOf = (name: string): string | undefined => repository.refs.get(`refs/heads/${name}`);
    const state = stateOf(repository, pull, { branchSha: shaOf(branch), baseSha: shaOf(baseBranch) });
    if (state !== 'open') return { kind: 'failed', code: 'PREFLIGHT_FAILED', message: `${name} is ${state}` };
    if (taskType === 'pr_iteration' && protectedBranches.includes(branch)) {
      return { kind: 'failed', code: 'BRANCH_PROTECTED', message: `${name} is from ${branch}, which is protected` };
    }
    const { number, headSha } = pull;
    const pullRequest = { number, url: pullUrl(cloneUrl, pull), headBranch: branch, headSha, headRef: pullRef(pull) };
    return { kind: 'passed', baseBranch, pullRequest };
  }

  async #enter(options: CallOptions): Promise<void> {
    await Promise.resolve(options.signal?.throwIfAborted());
    if (this.#failures.length > 0) throw this.#failures.shift();
  }

  #repository(cloneUrl: string): InMemoryRepository {
    const repository = this.#host.find(cloneUrl);
    if (!repository) throw new AbcaError('NOT_A_REPOSITORY', `not a git repository: ${cloneUrl}`);
    return repository;
  }
}

/** That of the task, or the one of the branch that the task goes on with. */
function pullOf(
  { pulls }: InMemoryRepository,
  { taskId, branch }: { readonly taskId: string; readonly branch: string },
): InMemoryPull | undefined {
  return pulls.find((pull) => pull.taskId === taskId) ?? pulls.findLast((pull) => pull.branch === branch);
}

function pullRef({ number }: InMemoryPull): string {
  return `refs/abca/pulls/${String(number)}/head`;
}

function pullUrl(cloneUrl: string, pull: InMemoryPull): string {
  return `${cloneUrl}#${pullRef(pull)}`;
}

function stateOf(
  repository: InMemoryRepository,
  pull: InMemoryPull,
  shas: { readonly branchSha: string | undefined; readonly baseSha: string | undefined },
): 'open' | 'merged' | 'closed' {
  if (repository.history(shas.baseSha).includes(pull.headSha)) return 'merged';
  return shas.branchSha === pull.headSha ? 'open' : 'closed';
}

function measure(
  repository: InMemoryRepository,
  baseSha: string | undefined,
  head: string | undefined,
): DeliveryEvidence['diff'] {
  if (baseSha === undefined || head === undefined) return { commits: 0, filesChanged: 0, insertions: 0, deletions: 0 };
  const ofBase = repository.history(baseSha);
  const ofHead = repository.history(head);
  const before = repository.filesAt(ofBase.find((sha) => ofHead.includes(sha)));
  const after = repository.filesAt(head);
  const paths = [...new Set([...Object.keys(before), ...Object.keys(after)])].filter(
    (path) => before[path] !== after[path],
  );
  const count = (from: string | undefined, to: string | undefined): number => linesOnlyIn(to ?? '', from ?? '');
  return {
    commits: ofHead.filter((sha) => !ofBase.includes(sha)).length,
    filesChanged: paths.length,
    insertions: paths.reduce((sum, path) => sum + count(before[path], after[path]), 0),
    deletions: paths.reduce((sum, path) => sum + count(after[path], before[path]), 0),
  };
}

/** Lines of `text` that are not in `other`, the same line twice counted twice. Order is not looked at. */
function linesOnlyIn(text: string, other: string): number {
  const rest = other.split('\n').filter(Boolean);
  return text.split('\n').filter((line) => {
    const at = rest.indexOf(line);
    if (at >= 0) rest.splice(at, 1);
    return line !== '' && at < 0;
  }).length;
}

function reviewKey(prNumber: number, taskId: string): string {
  return `${String(prNumber)} ${taskId}`;
}

function reviewUrl(cloneUrl: string, prNumber: number): string {
  return `${cloneUrl}#pull-${String(prNumber)}-review`;
}
