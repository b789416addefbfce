import type { RemoteRefs } from '../git/remote-refs.ts';
import type { ForgeScratch } from './forge-scratch.ts';
import { parseNote, type PullNote } from './pull-note.ts';
import { pullHeadRef, pullNoteRef, pullNumbers, type PullRefs } from './pull-refs.ts';

/** A pull request as its refs and its note show it. */
export interface NotedPull extends PullRefs {
  readonly note: PullNote;
  readonly noteSha: string;
}

/**
 * The pull requests with their notes, oldest first. Refs that hold no note of ours are left out.
 *
 * @param numbers those to read; absent for all
 */
export async function readNotes(
  scratch: ForgeScratch,
  { refs }: RemoteRefs,
  numbers: readonly number[] = pullNumbers({ refs }),
): Promise<NotedPull[]> {
  const { git, cloneUrl, call, sharesObjects } = scratch;
  if (numbers.length === 0) return [];
  if (!sharesObjects) {
    const args = [
      'fetch',
      '--quiet',
      '--no-tags',
      '--no-write-fetch-head',
      '--',
      cloneUrl,
      ...numbers.map(pullNoteRef),
    ];
    await git.output(args, { ...call, remote: { cloneUrl, operation: 'read' } });
  }
  const noted: NotedPull[] = [];
  for (const number of numbers) {
    const noteSha = refs.get(pullNoteRef(number)) ?? '';
    const headSha = refs.get(pullHeadRef(number));
    const note = parseNote((await git.run(['cat-file', 'blob', noteSha], call)).stdout);
    if (note && headSha !== undefined) noted.push({ number, headSha, note, noteSha });
  }
  return noted;
}
