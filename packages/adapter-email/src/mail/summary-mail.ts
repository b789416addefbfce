import { eventRegistry, shortTaskId, type EventType, type Notification, type Receipt, type Task } from '@abca/core';
import type { MailBody } from './mail-body.ts';
import { oneLine } from './one-line.ts';

const titles = {
  task_completed: 'Done',
  task_failed: 'Failed',
  task_timed_out: 'Out of time',
} as const satisfies Partial<Record<EventType, string>>;

/** Ends of tasks that are told by mail. */
export type ToldEnd = keyof typeof titles;

/** Whether the end is one that is told by mail. */
export function isToldEnd(type: EventType): type is ToldEnd {
  return Object.hasOwn(titles, type);
}

const outcomes: Readonly<Record<Receipt['outcome'], string>> = {
  delivered: 'delivered and verified on the remote',
  no_changes: 'nothing was changed',
  work_saved: 'not delivered, but the work is saved on the remote',
  not_delivered: 'not delivered',
};

/** How a task ended, by its event and by what the remote showed. */
export function summaryMail(end: ToldEnd, { event, task }: Pick<Notification, 'event' | 'task'>): MailBody {
  const { taskId, repo, taskDescription, receipt } = task;
  return {
    title: `${titles[end]}: ${oneLine(taskDescription, 100)}`,
    facts: present([
      ['Repository', oneLine(repo, 100)],
      ['Task', shortTaskId(taskId)],
      ['Why', failureText(event.metadata)],
      ...(receipt === undefined ? [] : receiptFacts(receipt)),
      ['Spent', spentText(task)],
      ['Took', tookText(task)],
      ['Summary', task.result?.summary && oneLine(task.result.summary, 1_000)],
    ]),
    commands: [['All of it', `bgagent status ${taskId}`]],
    footer: 'You get this because the task is yours. Change that with: bgagent notifications configure email',
  };
}

type Fact = readonly [label: string, value: string | undefined];

function present(facts: readonly Fact[]): MailBody['facts'] {
  return facts.filter((fact): fact is readonly [string, string] => fact[1] !== undefined && fact[1] !== '');
}

/** Failures have the same two fields in every event that tells one. */
function failureText(metadata: Readonly<Record<string, unknown>>): string | undefined {
  const { data } = eventRegistry.task_failed.safeParse(metadata);
  return data && oneLine(`${data.code}: ${data.message}`, 500);
}

function receiptFacts({ outcome, why, branch, prUrl, reviewUrl, wipRef, gate, ...counts }: Receipt): readonly Fact[] {
  const { commits, filesChanged, insertions, deletions } = counts;
  const diff = `${String(filesChanged)} files, +${String(insertions)} -${String(deletions)}, ${String(commits)} commits`;
  const asked = gate?.counts.map(({ outcome: how, count }) => `${String(count)} ${how.replaceAll('_', ' ')}`);
  return [
    ['Outcome', outcomes[outcome]],
    ['Missing', why && oneLine(why, 500)],
    ['Pull request', prUrl && oneLine(prUrl, 500)],
    ['Review', reviewUrl && oneLine(reviewUrl, 500)],
    ['Branch', branch && oneLine(branch, 200)],
    ['Saved in', outcome === 'work_saved' && wipRef !== undefined ? oneLine(wipRef, 200) : undefined],
    ['Changes', commits > 0 ? diff : undefined],
    ['Tool calls', asked?.join(', ')],
  ];
}

function spentText({ result }: Task): string | undefined {
  return result && `$${result.costUsd.toFixed(2)}, ${String(result.turns)} turns`;
}

/** In whole minutes, and seconds below one. */
function tookText({ createdAt, endedAt }: Task): string | undefined {
  if (endedAt === undefined) return undefined;
  const seconds = Math.max(0, Math.round((Date.parse(endedAt) - Date.parse(createdAt)) / 1_000));
  return seconds < 60 ? `${String(seconds)} s` : `${String(Math.round(seconds / 60))} min`;
}
