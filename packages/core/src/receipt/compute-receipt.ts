import type { ErrorCode } from '../errors/abca-error.ts';
import type { DeliveryEvidence } from '../ports/forge.ts';
import { isReadOnly, type Failure, type Receipt, type Task } from '../task/task.ts';
import { formatIso } from '../time/iso-time.ts';

type Outcome = Pick<Receipt, 'outcome' | 'why'>;

/** How a task ends, decided from its receipt. */
export type TaskEnd =
  { readonly status: 'COMPLETED' } | { readonly status: 'FAILED' | 'TIMED_OUT'; readonly failure: Failure };

/** The ref of the remote that holds a task's saved work. */
export function wipRefOf(taskId: string): string {
  return `refs/abca/${taskId.toLowerCase()}/wip`;
}

/**
 * The receipt of a task's work, from what the remote shows. The session's own word counts only where the remote confirms
 * it: a push whose result nobody looked at once made tasks COMPLETED with no branch.
 *
 * @param nowMs when the evidence was gathered, milliseconds since the epoch
 */
export function computeReceipt(task: Task, baseBranch: string, evidence: DeliveryEvidence, nowMs: number): Receipt {
  const { review } = evidence;
  const pullRequest = evidence.pullRequest ?? (isReadOnly(task.taskType) ? task.pullRequest : undefined);
  return {
    ...judgeDelivery(task, evidence),
    baseBranch,
    ...evidence.diff,
    ...(task.branch !== undefined && { branch: task.branch }),
    ...(evidence.baseSha !== undefined && { baseSha: evidence.baseSha }),
    ...(evidence.branchSha !== undefined && { headSha: evidence.branchSha }),
    ...(evidence.wipSha !== undefined && { wipRef: wipRefOf(task.taskId), wipSha: evidence.wipSha }),
    ...(pullRequest && { prNumber: pullRequest.number, prUrl: pullRequest.url }),
    ...(review && { reviewUrl: review.url }),
    ...(task.result?.model !== undefined && { model: task.result.model }),
    verifiedAt: formatIso(nowMs),
  };
}

/**
 * The receipt of a task whose remote could not be read: nothing is confirmed.
 *
 * @param reason why, as the forge said it
 */
export function unverifiedReceipt(task: Task, baseBranch: string, reason: string, nowMs: number): Receipt {
  const nothing = { commits: 0, filesChanged: 0, insertions: 0, deletions: 0 };
  const receipt = computeReceipt(task, baseBranch, { diff: nothing }, nowMs);
  return { ...receipt, outcome: 'not_delivered', why: `the remote could not be read: ${reason}` };
}

function judgeDelivery(task: Task, evidence: DeliveryEvidence): Outcome {
  if (isReadOnly(task.taskType)) return judgeReview(task, evidence);
  const { branchSha, wipSha } = evidence;
  const startSha = startOf(task, evidence);
  const missing = missingForDelivery(task, evidence);
  if (missing === undefined) return { outcome: 'delivered' };
  const anythingOnBranch = branchSha !== undefined && branchSha !== startSha;
  if (wipSha !== undefined && wipSha !== startSha) return { outcome: 'work_saved', why: missing };
  // The pull request that a task goes on with was there before it.
  const pullRequest = task.pullRequest === undefined ? evidence.pullRequest : undefined;
  if (anythingOnBranch || pullRequest !== undefined || task.result?.headSha !== undefined) {
    return task.result?.headSha === startSha && !anythingOnBranch
      ? { outcome: 'no_changes' }
      : { outcome: 'not_delivered', why: missing };
  }
  return task.result?.outcome === 'finished' ? { outcome: 'no_changes' } : { outcome: 'not_delivered', why: missing };
}

/** A review changes nothing in the repository, and is all that there is of its task. */
function judgeReview(task: Task, { review }: DeliveryEvidence): Outcome {
  if (review !== undefined) return { outcome: 'no_changes' };
  const number = String(task.prNumber ?? '');
  return { outcome: 'not_delivered', why: task.result?.failure?.message ?? `the remote shows no review of #${number}` };
}

/** The commit that the work began at. */
function startOf(task: Task, { baseSha }: DeliveryEvidence): string | undefined {
  return task.startSha ?? task.pullRequest?.headSha ?? baseSha;
}

/** What stands between the work and its delivery, or `undefined` when the remote shows all of it. */
function missingForDelivery(task: Task, evidence: DeliveryEvidence): string | undefined {
  const { branchSha, pullRequest } = evidence;
  const claimed = task.result?.headSha;
  const branch = task.branch ?? 'the branch';
  if (claimed === undefined) return task.result?.failure?.message ?? 'the session reported no commit';
  if (branchSha === undefined) return task.result?.failure?.message ?? `the remote has no branch ${branch}`;
  if (branchSha === startOf(task, evidence)) {
    return `the branch ${branch} holds nothing beyond ${task.pullRequest ? 'what its pull request held' : 'its base'}`;
  }
  if (branchSha !== claimed) return `the remote has ${branchSha} on ${branch}, the session reported ${claimed}`;
  if (pullRequest === undefined) return 'the remote shows no pull request';
  if (pullRequest.state === 'closed') return `pull request ${String(pullRequest.number)} is closed`;
  return pullRequest.headSha === branchSha
    ? undefined
    : `pull request ${String(pullRequest.number)} is at ${pullRequest.headSha}`;
}

/** The ends of one cause: the agent stopped in time to save its work, or it had to be stopped. */
const outOfTime: readonly ErrorCode[] = ['DEADLINE_EXCEEDED', 'AGENT_LIFETIME_CAP'];

/** Failures that only say that nothing was heard of the session. A result on the row says more. */
const silences: readonly ErrorCode[] = [
  'SESSION_LOST',
  'SESSION_ENDED_WITHOUT_RESULT',
  'SESSION_POLL_FAILED',
  'SESSION_ACCESS_DENIED',
];

/**
 * COMPLETED exactly when the work is delivered, or when nothing was to be changed. A failure of the session stands even
 * when the branch happens to be complete.
 *
 * @param failure why the session is taken to have failed, if it is
 */
export function decideEnd(task: Task, receipt: Receipt, failure: Failure | undefined): TaskEnd {
  const heard = task.result !== undefined && failure !== undefined && silences.includes(failure.code);
  const cause = (heard ? undefined : failure) ?? task.result?.failure;
  if (cause !== undefined) {
    return { status: outOfTime.includes(cause.code) ? 'TIMED_OUT' : 'FAILED', failure: cause };
  }
  if (receipt.outcome === 'delivered') return { status: 'COMPLETED' };
  if (receipt.outcome === 'no_changes' && isReadOnly(task.taskType)) return { status: 'COMPLETED' };
  const why = receipt.why ?? 'the agent finished without changing anything';
  return { status: 'FAILED', failure: { code: 'NOT_DELIVERED', message: why } };
}
