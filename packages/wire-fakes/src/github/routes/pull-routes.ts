import { ApiError, notFound, validationFailed } from '../wire/api-error.ts';
import { created, ok, page, type Answer, type RepoCall } from '../wire/call.ts';
import type { Pull, Review } from '../world/repository.ts';
import { checkBody } from './issue-routes.ts';
import { renderPull, renderReview, renderReviewComment } from './render.ts';

export async function getPull(call: RepoCall): Promise<Answer> {
  return ok(await renderPull(call.world, call.repository, findPull(call), true));
}

export async function listPulls(call: RepoCall): Promise<Answer> {
  const { query, repository, world } = call;
  const state = query['state'] ?? 'open';
  const pulls = [...repository.pulls.values()].filter(
    (pull) =>
      (state === 'all' || pull.issue.state === state) &&
      (query['head'] === undefined || query['head'] === `${ownerOf(pull.headRepo)}:${pull.headBranch}`) &&
      (query['base'] === undefined || query['base'] === pull.base),
  );
  // Newest first, as GitHub sorts by creation.
  const rendered = pulls.toReversed().map((pull) => renderPull(world, repository, pull, false));
  return page(call, await Promise.all(rendered));
}

export async function createPull(call: RepoCall): Promise<Answer> {
  const { world, repository, token, body } = call;
  const text = { head: String(body['head']), base: String(body['base']), title: String(body['title'] ?? '') };
  const refs = await repository.git.refs();
  const branch = text.head.replace(`${repository.owner}:`, '');
  const headSha = refs.get(`refs/heads/${branch}`);
  const baseSha = refs.get(`refs/heads/${text.base}`);
  if (headSha === undefined) throw invalid('head');
  if (baseSha === undefined) throw invalid('base');
  if (text.title.trim() === '')
    throw validationFailed({ resource: 'PullRequest', code: 'missing_field', field: 'title' });
  if (findOpen(call, branch, text.base) !== undefined) {
    throw custom(`A pull request already exists for ${repository.owner}:${branch}.`);
  }
  const comparison = await repository.git.compare(baseSha, headSha);
  if (comparison?.aheadBy === 0) throw custom(`No commits between ${text.base} and ${branch}`);
  // Two calls may have waited for git at once: what the first one made is seen here.
  if (findOpen(call, branch, text.base) !== undefined) {
    throw custom(`A pull request already exists for ${repository.owner}:${branch}.`);
  }
  const number = repository.nextNumber();
  const issue = {
    number,
    title: text.title,
    body: body['body'] === undefined ? null : checkBody(body['body']),
    author: token.account,
    createdAtMs: world.clock.nowMs(),
    labels: [],
    state: 'open' as const,
    comments: [],
  };
  const pull: Pull = {
    issue,
    base: text.base,
    headBranch: branch,
    headRepo: repository.fullName,
    headSha,
    draft: body['draft'] === true,
    merged: false,
    reviews: [],
    reviewComments: [],
  };
  repository.issues.set(number, issue);
  repository.pulls.set(number, pull);
  await repository.git.setRef(`refs/pull/${String(number)}/head`, headSha);
  return created(await renderPull(world, repository, pull, true));
}

export async function updatePull(call: RepoCall): Promise<Answer> {
  const pull = findPull(call);
  const { title, body, state } = call.body;
  if (title !== undefined) pull.issue.title = String(title);
  if (body !== undefined) pull.issue.body = checkBody(body);
  if (state === 'open' || state === 'closed') pull.issue.state = state;
  return ok(await renderPull(call.world, call.repository, pull, true));
}

export function listReviews(call: RepoCall): Answer {
  const pull = findPull(call);
  return page(
    call,
    pull.reviews.map((review) => renderReview(call.world, call.repository, pull, review)),
  );
}

const reviewStates = { COMMENT: 'COMMENTED', APPROVE: 'APPROVED', REQUEST_CHANGES: 'CHANGES_REQUESTED' } as const;

export async function createReview(call: RepoCall): Promise<Answer> {
  const { world, repository, token, body } = call;
  const pull = findPull(call);
  const event = body['event'] as keyof typeof reviewStates | undefined;
  // Without an event GitHub keeps it as a draft that nobody else sees: no caller here wants that.
  if (event === undefined) throw new ApiError(422, 'the fake keeps no pending reviews');
  const review: Review = {
    id: world.nextId(),
    author: token.account,
    body: checkBody(body['body'] ?? ''),
    state: reviewStates[event],
    commitId: typeof body['commit_id'] === 'string' ? body['commit_id'] : await repository.headOf(pull),
    submittedAtMs: world.clock.nowMs(),
  };
  pull.reviews.push(review);
  return ok(renderReview(world, repository, pull, review));
}

export function listReviewComments(call: RepoCall): Answer {
  const pull = findPull(call);
  const shown = call.query['direction'] === 'desc' ? pull.reviewComments.toReversed() : pull.reviewComments;
  return page(
    call,
    shown.map((comment) => renderReviewComment(call.world, call.repository, pull, comment)),
  );
}

function findPull({ repository, path }: RepoCall): Pull {
  const pull = repository.pulls.get(Number(path['pull_number']));
  if (pull === undefined) throw notFound();
  return pull;
}

function findOpen({ repository }: RepoCall, branch: string, base: string): Pull | undefined {
  return [...repository.pulls.values()].find(
    (pull) =>
      pull.issue.state === 'open' &&
      pull.headRepo === repository.fullName &&
      pull.headBranch === branch &&
      pull.base === base,
  );
}

function ownerOf(fullName: string): string {
  return fullName.slice(0, fullName.indexOf('/'));
}

function invalid(field: string): ApiError {
  return validationFailed({ resource: 'PullRequest', field, code: 'invalid' });
}

function custom(message: string): ApiError {
  return validationFailed({ resource: 'PullRequest', code: 'custom', message });
}
