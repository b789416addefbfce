import type { CallOptions, PullRequest } from '@abca/core';
import type { Git } from '../git/git.ts';
import { readRemoteRefs } from '../git/remote-refs.ts';
import { withScratch } from './forge-scratch.ts';
import { parseNote, type PullNote } from './pull-note.ts';
import { pullHeadRef, pullNoteRef, pullNumbers, pullUrl } from './pull-refs.ts';

/** A pull request with its note. */
export interface ListedPullRequest extends PullNote, PullRequest {
  readonly headSha: string;
}

/** All pull requests of a repository, oldest first. Refs that hold no note of ours are left out. */
export async function listPullRequests(git: Git, cloneUrl: string, options: CallOptions): Promise<ListedPullRequest[]> {
  const refs = await readRemoteRefs(git, cloneUrl, ['refs/abca/pulls/*'], options);
  const numbers = pullNumbers(refs);
  const shaLength = refs.refs.get(pullNoteRef(numbers[0] ?? 0))?.length;
  if (shaLength === undefined) return [];
  return withScratch(git, { cloneUrl, shaLength }, options, async ({ call, sharesObjects }) => {
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
    const listed: ListedPullRequest[] = [];
    for (const number of numbers) {
      const sha = refs.refs.get(pullNoteRef(number)) ?? '';
      const headSha = refs.refs.get(pullHeadRef(number));
      const note = parseNote((await git.run(['cat-file', 'blob', sha], call)).stdout);
      if (note && headSha !== undefined) listed.push({ ...note, number, url: pullUrl(cloneUrl, number), headSha });
    }
    return listed;
  });
}
