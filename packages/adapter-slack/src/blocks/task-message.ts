import { shortTaskId, type Task, type TaskEvent, type TaskStatus } from '@abca/core';
import type { SlackMessage } from './message.ts';
import { mrkdwn, shown, shownCode, shownLine, shownLink } from './mrkdwn.ts';

/** What each status is called, and the reaction that shows it on the root of the thread. */
const looks: Readonly<
  Record<TaskStatus, { readonly word: string; readonly emoji: string; readonly reaction: string }>
> = {
  SUBMITTED: { word: 'Submitted', emoji: ':inbox_tray:', reaction: 'eyes' },
  QUEUED: { word: 'Queued', emoji: ':inbox_tray:', reaction: 'eyes' },
  HYDRATING: { word: 'Starting', emoji: ':inbox_tray:', reaction: 'eyes' },
  RUNNING: { word: 'Working', emoji: ':hammer_and_wrench:', reaction: 'hourglass_flowing_sand' },
  AWAITING_APPROVAL: { word: 'Waiting for an approval', emoji: ':raised_hand:', reaction: 'hourglass_flowing_sand' },
  FINALIZING: { word: 'Finishing', emoji: ':hammer_and_wrench:', reaction: 'hourglass_flowing_sand' },
  COMPLETED: { word: 'Completed', emoji: ':white_check_mark:', reaction: 'white_check_mark' },
  FAILED: { word: 'Failed', emoji: ':x:', reaction: 'x' },
  TIMED_OUT: { word: 'Timed out', emoji: ':x:', reaction: 'x' },
  CANCELLED: { word: 'Cancelled', emoji: ':no_entry:', reaction: 'no_entry' },
};

const outcomes: Readonly<Record<NonNullable<Task['receipt']>['outcome'], string>> = {
  delivered: 'delivered and verified on the remote',
  no_changes: 'nothing was changed',
  work_saved: 'not delivered, but the work is saved on the remote',
  not_delivered: 'not delivered',
};

/** The reaction that belongs to a task as it is now. */
export function reactionOf({ status }: Task): string {
  return looks[status].reaction;
}

/** Whether a reaction of this name shows a status. */
export function isStatusReaction(name: string): boolean {
  return Object.values(looks).some(({ reaction }) => reaction === name);
}

/** The root of a task's thread: what it is about and where it stands. Pure. */
export function statusMessage(task: Task): SlackMessage {
  const { word, emoji } = looks[task.status];
  const title = shownLine(task.taskDescription, 200);
  return {
    text: `${word}: ${title}`,
    blocks: [
      { type: 'section', text: mrkdwn(`${emoji} *${word}* · ${title}`) },
      { type: 'context', elements: factsOf(task).map(mrkdwn) },
    ],
  };
}

function factsOf(task: Task): readonly string[] {
  const { repo, taskId, branch, receipt, result } = task;
  const prUrl = receipt?.prUrl ?? result?.prUrl;
  return [
    shownCode(repo, 150),
    `task ${shownCode(shortTaskId(taskId), 20)}`,
    ...(branch === undefined ? [] : [shownCode(branch, 150)]),
    ...(prUrl === undefined ? [] : [pullRequest(prUrl, receipt?.prNumber ?? result?.prNumber)]),
  ];
}

function pullRequest(url: string, number: number | undefined): string {
  return shownLink(url, number === undefined ? 'pull request' : `pull request #${String(number)}`);
}

/** What is said in the thread when a task has ended: an edit of the root tells nobody. Pure. */
export function endMessage(task: Task): SlackMessage {
  const { word, emoji } = looks[task.status];
  const { failure, receipt, result } = task;
  const why = failure === undefined ? [] : [`*${failure.code}* ${shown(failure.message, 1_000)}`];
  const delivery = receipt === undefined ? [] : deliveryLines(receipt);
  const summary = result?.summary === undefined ? [] : [shown(result.summary, 1_500)];
  const spent = result === undefined ? [] : [`${String(result.turns)} turns · $${result.costUsd.toFixed(2)}`];
  const lines = [...delivery, ...summary, ...why, ...spent];
  return {
    text: `${word}: ${shownLine(task.taskDescription, 200)}`,
    blocks: [
      { type: 'section', text: mrkdwn(`${emoji} *${word}*`) },
      ...lines.map((line) => ({ type: 'section' as const, text: mrkdwn(line) })),
    ],
  };
}

function deliveryLines(receipt: NonNullable<Task['receipt']>): readonly string[] {
  const { outcome, why, prUrl, prNumber, commits, filesChanged, insertions, deletions } = receipt;
  const diff = `${String(commits)} commits, ${String(filesChanged)} files, +${String(insertions)} −${String(deletions)}`;
  return [
    `${outcomes[outcome]}${outcome === 'delivered' ? ` · ${diff}` : ''}`,
    ...(prUrl === undefined ? [] : [pullRequest(prUrl, prNumber)]),
    ...(why === undefined ? [] : [shown(why, 1_000)]),
  ];
}

/** What is said of an error that the agent went on after. Pure. */
export function agentErrorMessage({ metadata }: TaskEvent): SlackMessage {
  const type = String(metadata['error_type'] ?? 'error');
  const text = String(metadata['message_preview'] ?? '');
  return {
    text: `The agent met an error: ${shownLine(type, 100)}`,
    blocks: [
      {
        type: 'section',
        text: mrkdwn(`:warning: *The agent met an error* ${shownCode(type, 100)}\n${shown(text, 1_000)}`),
      },
    ],
  };
}
