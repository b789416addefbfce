import {
  findMilestone,
  isTerminal,
  parseIso,
  shortTaskId,
  type Task,
  type TaskEvent,
  type TaskStatus,
} from '@abca/core';
import { markerOf } from '../forge/markers.ts';
import { codeBlock, codeSpan } from './inert-text.ts';

/** What the comment says besides the task's own facts. */
export interface CommentStyle {
  /** Where people look at the repository. */
  readonly webUrl: string;
  /** What a line begins with that is an order. */
  readonly mention: string;
}

const headlines: Readonly<Record<TaskStatus, string>> = {
  SUBMITTED: '⏳ **Waiting to start**',
  QUEUED: '⏳ **Waiting to start**',
  HYDRATING: '⏳ **Starting**',
  RUNNING: '🔨 **Working**',
  AWAITING_APPROVAL: '✋ **Waiting for an approval**',
  FINALIZING: '🔨 **Finishing**',
  COMPLETED: '✅ **Done**',
  FAILED: '❌ **Failed**',
  CANCELLED: '🚫 **Cancelled**',
  TIMED_OUT: '⌛ **Timed out**',
};

const outcomes: Readonly<Record<NonNullable<Task['receipt']>['outcome'], string>> = {
  delivered: 'delivered, and verified here',
  no_changes: 'nothing was changed',
  work_saved: 'not delivered, but the work is saved in this repository',
  not_delivered: 'not delivered',
};

/**
 * The one comment on a task, as it stands. Pure. What a person or an agent wrote stands in it as code: it mentions nobody, links
 * nothing and shows no mark.
 */
export function statusComment(task: Task, event: TaskEvent, style: CommentStyle): string {
  const ended = isTerminal(task.status);
  const parts = [
    `${markerOf('status', task.taskId)}\n${headlines[task.status]} · task \`${shortTaskId(task.taskId)}\``,
    facts(task, event, style).join('\n'),
    ...(task.failure === undefined ? [] : [failureText(task.failure)]),
    ...(ended && task.result?.summary !== undefined ? [summaryText(task.result.summary)] : []),
    ...(ended ? [nextText(task, style)] : []),
  ];
  return parts.filter((part) => part !== '').join('\n\n');
}

function facts(task: Task, event: TaskEvent, style: CommentStyle): string[] {
  const { receipt, result } = task;
  const pull = pullOf(task, event, style);
  const review = urlWithin(receipt?.reviewUrl, task, style);
  return [
    ...(pull === undefined ? [] : [`- Pull request: ${pull}`]),
    ...(review === undefined ? [] : [`- Review: ${review}`]),
    ...(receipt === undefined ? [] : [`- Outcome: ${outcomeText(receipt)}`]),
    ...(receipt?.outcome === 'work_saved' && receipt.wipRef !== undefined
      ? [`- Saved work: ${codeSpan(`git fetch origin ${receipt.wipRef}`)}`]
      : []),
    ...(result === undefined
      ? []
      : [`- Spent: $${result.costUsd.toFixed(2)}, ${plural(result.turns, 'turn')}${took(task)}`]),
  ];
}

/** The address of a pull request as GitHub links it: only one of this very repository, whoever reported it. */
function pullOf(task: Task, { metadata }: TaskEvent, style: CommentStyle): string | undefined {
  const told = findMilestone(metadata, 'pr_created')?.pr_url;
  const urls = [task.receipt?.prUrl, task.result?.prUrl, told];
  return urls.map((url) => urlWithin(url, task, style)).find((url) => url !== undefined);
}

function urlWithin(url: string | undefined, { repo }: Task, { webUrl }: CommentStyle): string | undefined {
  const base = `${webUrl}/${repo}/pull/`.toLowerCase();
  if (url?.toLowerCase().startsWith(base) !== true) return undefined;
  return /^\d{1,9}(?:#[\w-]{1,60})?$/.test(url.slice(base.length)) ? url : undefined;
}

function outcomeText({
  outcome,
  why,
  commits,
  filesChanged,
  insertions,
  deletions,
}: NonNullable<Task['receipt']>): string {
  const sums = `${plural(commits, 'commit')}, ${plural(filesChanged, 'file')}, +${String(insertions)} −${String(deletions)}`;
  const said = outcome === 'delivered' ? ` (${sums})` : '';
  return `${outcomes[outcome]}${said}${why === undefined ? '' : `: ${codeSpan(why, 500)}`}`;
}

function failureText({ code, message }: NonNullable<Task['failure']>): string {
  return `Why: \`${code}\`\n${codeBlock(message, 1000)}`;
}

function summaryText(summary: string): string {
  return `<details><summary>What the agent says it did</summary>\n\n${codeBlock(summary, 4000)}\n\n</details>`;
}

function nextText(task: Task, { mention }: CommentStyle): string {
  const log = `The whole story: \`bgagent events ${task.taskId}\`.`;
  const prNumber = task.receipt?.prNumber ?? task.prNumber;
  if (task.status === 'COMPLETED' && prNumber !== undefined) {
    const how = `begin a comment on #${String(prNumber)} with \`${mention}\` and say what to change`;
    return `To ask for changes, ${how}. ${log}`;
  }
  return `To try again, begin a comment here with \`${mention}\` and say what to do. ${log}`;
}

function took({ startedAt, endedAt }: Task): string {
  if (startedAt === undefined || endedAt === undefined) return '';
  const minutes = Math.max(1, Math.round((parseIso(endedAt) - parseIso(startedAt)) / 60_000));
  const hours = Math.floor(minutes / 60);
  return `, ${hours === 0 ? '' : `${String(hours)} h `}${String(minutes % 60)} min`;
}

function plural(count: number, word: string): string {
  return `${String(count)} ${word}${count === 1 ? '' : 's'}`;
}
