import { redactOrHide, shortTaskId, stripEscapes, type Task } from '@abca/core';

/** Git's own advice for the first line of a message, in characters. */
const titleChars = 72;

/** First line of the commit and title of the pull request: the first words of the task. */
export function workTitle(task: Pick<Task, 'taskId' | 'taskDescription'>): string {
  const [firstLine = ''] = clean(task.taskDescription)
    .split('\n')
    .filter((line) => line.trim() !== '');
  const words = firstLine.trim().replaceAll(/\s+/g, ' ');
  if (words === '') return `Task ${shortTaskId(task.taskId)}`;
  return words.length <= titleChars ? words : `${words.slice(0, titleChars - 1).replace(/[\uD800-\uDBFF]$/, '')}…`;
}

/** Message of the commit. The trailer leads from a commit back to its task. */
export function commitMessage(task: Pick<Task, 'taskId' | 'taskDescription'>): string {
  return `${workTitle(task)}\n\nAbca-Task: ${task.taskId}\n`;
}

/** Text of the pull request: what was asked, and what the agent says it did. */
export function pullRequestBody(task: Pick<Task, 'taskId' | 'taskDescription'>, summary: string | undefined): string {
  const asked = clean(task.taskDescription).trim();
  const done = clean(summary ?? '').trim();
  return [
    ...(done === '' ? [] : [done]),
    `**Task**\n\n${quote(asked)}`,
    `Made by an ABCA agent for task \`${task.taskId}\`.`,
  ].join('\n\n');
}

function clean(text: string): string {
  return redactOrHide(stripEscapes(text));
}

/** So that nothing in the task reads as a part of the text around it. */
function quote(text: string): string {
  return text.replaceAll(/^/gm, '> ');
}
