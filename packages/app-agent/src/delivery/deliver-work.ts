import {
  AbcaError,
  getForge,
  isReadOnly,
  parseIso,
  type Checkout,
  type PullRequest,
  type TaskSettings,
  within,
  retryTransient,
} from '@abca/core';
import { bounds } from '../session/bounds.ts';
import type { WorkEnd } from '../session/session-result.ts';
import type { SessionRun } from '../session/session-run.ts';
import { readRecord } from './work-record.ts';
import { commitMessage, pullRequestBody, reviewBody, workTitle, type WorkReport } from './work-texts.ts';

const retries = { tries: 4, firstDelayMs: 500 };

/** What is delivered, and where to. */
interface Delivery {
  readonly run: SessionRun;
  readonly settings: TaskSettings;
  readonly checkout: Checkout;
  readonly signal: AbortSignal;
}

/**
 * Commit what the agent left, push the branch and see to its pull request. Nothing beyond where it began: nothing is pushed. A task
 * that reads leaves its review and touches no ref.
 *
 * @throws AbcaError of the workspace, or the signal's reason
 */
export async function deliverWork(
  run: SessionRun,
  settings: TaskSettings,
  checkout: Checkout,
  signal: AbortSignal,
): Promise<WorkEnd> {
  const delivery = { run, settings, checkout, signal };
  if (isReadOnly(run.task.taskType)) return leaveReview(delivery);
  const { workspace } = run.deps;
  const commit = await workspace.commit(checkout, commitMessage(run.task), { signal });
  if (commit.sha === (run.facts.startSha ?? checkout.baseSha)) return { kind: 'nothing_changed' };
  const push = await transient(delivery, () => workspace.push(checkout, { signal }));
  if (push.kind === 'rejected') return rejected(checkout, push.reason);
  await run.reporter.milestone('branch_pushed', { sha: push.sha, branch: checkout.branch });
  return openPullRequest(delivery, push.sha);
}

function rejected({ branch }: Checkout, reason: string): WorkEnd {
  const message = `the remote refused the push of ${branch}: ${reason.trim()}`;
  return { kind: 'failed', failure: { code: 'PUSH_REJECTED', message } };
}

async function openPullRequest(delivery: Delivery, headSha: string): Promise<WorkEnd> {
  try {
    const [pullRequest] = await Promise.all([ensurePullRequest(delivery, headSha), tellDiffSize(delivery)]);
    await delivery.run.reporter.milestone('pr_created', { pr_url: pullRequest.url, number: pullRequest.number });
    return { kind: 'delivered', headSha, pullRequest };
  } catch (error) {
    delivery.signal.throwIfAborted();
    const { code, message } = AbcaError.wrap(error, 'SERVICE_UNAVAILABLE', 'the pull request was not opened');
    return { kind: 'failed', headSha, failure: { code, message } };
  }
}

/** The agent's last words as a review of what it read. Without any there is none, and the receipt says so. */
async function leaveReview(delivery: Delivery): Promise<WorkEnd> {
  const { run, settings, checkout, signal } = delivery;
  const { task, facts, deps } = run;
  if (task.prNumber === undefined || (facts.summary ?? '').trim() === '') return { kind: 'nothing_changed' };
  const { repo, taskId, prNumber } = task;
  const { cloneUrl } = settings;
  const body = reviewBody(await reportOf(delivery));
  const review = { repo, cloneUrl, taskId, prNumber, headSha: checkout.startSha, body };
  try {
    const { url } = await transient(delivery, () =>
      getForge(deps.forges, settings.forge).submitReview(review, { signal }),
    );
    await run.reporter.milestone('review_left', { review_url: url, number: prNumber });
    return { kind: 'nothing_changed' };
  } catch (error) {
    signal.throwIfAborted();
    const { code, message } = AbcaError.wrap(error, 'SERVICE_UNAVAILABLE', 'the review was not left');
    return { kind: 'failed', failure: { code, message } };
  }
}

async function reportOf({ run, settings, signal }: Delivery): Promise<WorkReport> {
  const { task, facts, deps } = run;
  const workedMs = deps.clock.nowMs() - parseIso(task.startedAt ?? task.statusCreatedAt);
  const record = await readRecord(run, signal);
  return { task, settings, summary: facts.summary, usage: facts.usage, workedMs, record };
}

async function ensurePullRequest(delivery: Delivery, headSha: string): Promise<PullRequest> {
  const { run, settings, checkout, signal } = delivery;
  const { task, deps } = run;
  const input = {
    repo: task.repo,
    cloneUrl: settings.cloneUrl,
    taskId: task.taskId,
    branch: checkout.branch,
    baseBranch: checkout.baseBranch,
    headSha,
    title: workTitle(task),
    body: pullRequestBody(await reportOf(delivery)),
    ...(settings.pullRequest && { draft: settings.pullRequest.draft }),
  };
  return transient(delivery, () => getForge(deps.forges, settings.forge).ensurePullRequest(input, { signal }));
}

/** A figure for whoever watches; the one that counts is on the receipt. So it may fail. */
async function tellDiffSize({ run, settings, checkout, signal }: Delivery): Promise<void> {
  const { deps, task } = run;
  const query = {
    repo: task.repo,
    cloneUrl: settings.cloneUrl,
    taskId: task.taskId,
    branch: checkout.branch,
    baseBranch: checkout.baseBranch,
    wipRef: checkout.wipRef,
  };
  try {
    const { diff } = await within(deps.clock, { what: 'the diff size', ms: bounds.diffMs, signal }, (bound) =>
      getForge(deps.forges, settings.forge).gatherEvidence(query, { signal: bound }),
    );
    const { commits, filesChanged, insertions, deletions } = diff;
    await run.reporter.milestone('diff_size', { commits, files: filesChanged, insertions, deletions });
  } catch (error) {
    deps.logger.debug('diff size not known', { error });
  }
}

function transient<T>({ run, signal }: Delivery, act: () => Promise<T>): Promise<T> {
  return retryTransient(run.deps.clock, { ...retries, signal }, act);
}
