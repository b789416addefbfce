import { AbcaError, emptyContext, type CallOptions, type ContextQuery, type HydratedContext } from '@abca/core';
import type { Author, GitHubClient } from '../client/github-client.ts';
import { unlessMissing } from '../client/not-found.ts';
import { parseRepoAddress } from '../client/repo-address.ts';
import { isMarkedAtAll } from '../forge/markers.ts';
import { cutContext, type WholeContext } from './cut-context.ts';
import { readChecks } from './read-checks.ts';
import { readComments, readReviewComments, readReviews, type Words } from './read-words.ts';
import type { Reading } from './reading.ts';
import { sanitizeForgeText, sanitizeLine } from './sanitize.ts';

type Comment = HydratedContext['comments'][number];

/** What GitHub knows of the issue or pull request that a task names, as an agent may be given it. */
export async function fetchContext(
  client: GitHubClient,
  query: ContextQuery,
  options: CallOptions,
): Promise<HydratedContext> {
  options.signal?.throwIfAborted();
  if (query.issueNumber === undefined && query.prNumber === undefined) return emptyContext;
  const address = parseRepoAddress(query, client.webUrl);
  const work = { repo: query.repo, access: 'read', what: 'the context' } as const;
  return client.run(
    work,
    async (api) => {
      const reading = { client, api, address, repo: query.repo, chars: query.maxTokens * 4 };
      const issue = query.issueNumber === undefined ? undefined : await readIssue(reading, query.issueNumber);
      const pull = query.prNumber === undefined ? undefined : await readPull(reading, query.prNumber);
      return cutContext(join(issue, pull), query.maxTokens);
    },
    options,
  );
}

async function readIssue(reading: Reading, number: number): Promise<WholeContext> {
  const { api, address } = reading;
  const issue = (
    await unlessMissing(
      api.request('GET /repos/{owner}/{repo}/issues/{issue_number}', { ...address, issue_number: number }),
    )
  )?.data;
  if (issue === undefined) throw absent(`issue #${String(number)}`, reading);
  const { words, olderLeftOut } = await readComments(reading, number);
  return {
    title: sanitizeLine(issue.title),
    body: sanitizeForgeText(issue.body ?? ''),
    comments: await toComments(reading, words),
    checks: [],
    olderLeftOut,
  };
}

async function readPull(reading: Reading, number: number): Promise<WholeContext> {
  const { api, address } = reading;
  const pull = (
    await unlessMissing(
      api.request('GET /repos/{owner}/{repo}/pulls/{pull_number}', { ...address, pull_number: number }),
    )
  )?.data;
  if (pull === undefined) throw absent(`pull request #${String(number)}`, reading);
  const [comments, reviews, onLines, checks] = await Promise.all([
    readComments(reading, number),
    readReviews(reading, number),
    readReviewComments(reading, number),
    readChecks(reading, pull.head.sha),
  ]);
  const words = [...comments.words, ...reviews.words, ...onLines.words];
  return {
    title: sanitizeLine(pull.title),
    body: sanitizeForgeText(pull.body ?? ''),
    comments: await toComments(reading, words),
    checks,
    olderLeftOut: comments.olderLeftOut || reviews.olderLeftOut || onLines.olderLeftOut,
  };
}

/** Sanitized, in the order of time, without what is empty and what the platform said itself. */
async function toComments({ client, api }: Reading, words: readonly Words[]): Promise<Comment[]> {
  const comments: Comment[] = [];
  for (const { author, at, text, path, line } of words) {
    const body = sanitizeForgeText(text);
    if (body === '' || (isMarkedAtAll(text) && (await client.isSelf(api, author)))) continue;
    comments.push({
      author: sanitizeLine(nameOf(author), 60),
      createdAt: at,
      body,
      ...(path !== undefined && { path: sanitizeLine(path) }),
      ...(line !== undefined && { line }),
    });
  }
  return comments.sort((one, other) => (one.createdAt < other.createdAt ? -1 : 1));
}

/** The account of somebody who has left is `ghost`, as GitHub shows it. */
function nameOf(author: Author | null): string {
  return author?.login ?? 'ghost';
}

/** For a task that names both, the pull request is what it is about, and the issue is said in front of the discussion. */
function join(issue: WholeContext | undefined, pull: WholeContext | undefined): WholeContext {
  if (issue === undefined || pull === undefined) {
    return pull ?? issue ?? { comments: [], checks: [], olderLeftOut: false };
  }
  const body = [pull.body, `The issue it is for: ${issue.title ?? ''}`, issue.body].filter(Boolean).join('\n\n');
  const comments = [...issue.comments, ...pull.comments].sort((one, other) =>
    one.createdAt < other.createdAt ? -1 : 1,
  );
  return { ...pull, body, comments, olderLeftOut: issue.olderLeftOut || pull.olderLeftOut };
}

function absent(what: string, { repo }: Reading): AbcaError {
  return new AbcaError('PREFLIGHT_FAILED', `${repo} has no ${what}; check its number`);
}
