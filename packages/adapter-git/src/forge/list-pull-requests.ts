import type { CallOptions, PullRequest } from '@abca/core';
import type { Git } from '../git/git.ts';
import { readRemoteRefs } from '../git/remote-refs.ts';
import { withScratch } from './forge-scratch.ts';
import type { PullNote } from './pull-note.ts';
import { readNotes } from './pull-notes.ts';
import { pullNoteRef, pullNumbers, pullUrl } from './pull-refs.ts';

/** A pull request with its note. */
export interface ListedPullRequest extends PullNote, PullRequest {
  readonly headSha: string;
}

/** All pull requests of a repository, oldest first. Refs that hold no note of ours are left out. */
export async function listPullRequests(git: Git, cloneUrl: string, options: CallOptions): Promise<ListedPullRequest[]> {
  const refs = await readRemoteRefs(git, cloneUrl, ['refs/abca/pulls/*'], options);
  const shaLength = refs.refs.get(pullNoteRef(pullNumbers(refs)[0] ?? 0))?.length;
  if (shaLength === undefined) return [];
  const noted = await withScratch(git, { cloneUrl, shaLength }, options, (scratch) => readNotes(scratch, refs));
  return noted.map(({ number, headSha, note }) => ({ ...note, number, url: pullUrl(cloneUrl, number), headSha }));
}
