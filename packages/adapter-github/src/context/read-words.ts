import type { Author } from '../client/github-client.ts';
import { listNewest } from './list-newest.ts';
import type { Reading } from './reading.ts';

/** What somebody said, as GitHub has it. */
export interface Words {
  readonly author: Author | null;
  /** ISO 8601. */
  readonly at: string;
  readonly text: string;
  readonly path?: string;
  readonly line?: number;
}

interface Read {
  readonly words: readonly Words[];
  readonly olderLeftOut: boolean;
}

const perPage = 100;

/** Comments of an issue, or of the discussion of a pull request. */
export function readComments({ api, address, chars }: Reading, number: number): Promise<Read> {
  return read(chars, async (page) => {
    const query = { ...address, issue_number: number, per_page: perPage, page };
    const { data, headers } = await api.request('GET /repos/{owner}/{repo}/issues/{issue_number}/comments', query);
    const words = data.map(({ user, created_at: at, body }) => ({ author: user, at, text: body ?? '' }));
    return { data: words, headers };
  });
}

/** What was said with reviews as a whole. */
export function readReviews({ api, address, chars }: Reading, number: number): Promise<Read> {
  return read(chars, async (page) => {
    const query = { ...address, pull_number: number, per_page: perPage, page };
    const { data, headers } = await api.request('GET /repos/{owner}/{repo}/pulls/{pull_number}/reviews', query);
    const words = data.map(({ user, submitted_at: at = '', body }) => ({ author: user, at, text: body }));
    return { data: words, headers };
  });
}

/** Comments on lines of a pull request. */
export function readReviewComments({ api, address, chars }: Reading, number: number): Promise<Read> {
  return read(chars, async (page) => {
    const query = { ...address, pull_number: number, per_page: perPage, page };
    const { data, headers } = await api.request('GET /repos/{owner}/{repo}/pulls/{pull_number}/comments', query);
    const words = data.map(({ user, created_at: at, body, path, line }) => {
      return { author: user, at, text: body, path, ...(line !== undefined && line !== null && { line }) };
    });
    return { data: words, headers };
  });
}

async function read(
  chars: number,
  readPage: (page: number) => Promise<{ data: Words[]; headers: { link?: string | undefined } }>,
): Promise<Read> {
  const { items, olderLeftOut } = await listNewest(readPage, (some) => lengthOf(some) >= chars);
  return { words: items, olderLeftOut };
}

function lengthOf(words: readonly Words[]): number {
  return words.reduce((sum, { text }) => sum + text.length, 0);
}
