import { shortTaskId } from '../ids/ids.ts';
import type { Task } from './task.ts';

const slugChars = 40;

/**
 * The branch a task is delivered on: `abca/<short id>/<slug>`. The slug is made of the description's first words, only
 * `a-z`, `0-9` and `-`, so that it is a valid ref whatever the description holds.
 */
export function branchNameOf(task: Pick<Task, 'taskId' | 'taskDescription'>): string {
  return `abca/${shortTaskId(task.taskId)}/${slugOf(task.taskDescription)}`;
}

function slugOf(description: string): string {
  const words = description
    .slice(0, 200)
    .normalize('NFKD')
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-+|-+$/g, '');
  const cut =
    words.length <= slugChars
      ? words
      : words
          .slice(0, slugChars + 1)
          .replace(/-[^-]*$/, '')
          .slice(0, slugChars);
  return cut.replaceAll(/-+$/g, '') || 'task';
}
