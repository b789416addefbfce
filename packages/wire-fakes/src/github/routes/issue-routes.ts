import { ApiError, notFound } from '../wire/api-error.ts';
import { created, ok, page, type Answer, type RepoCall } from '../wire/call.ts';
import type { Comment, Issue } from '../world/repository.ts';
import { renderComment, renderIssue } from './render.ts';

/** Longest body of an issue, a comment or a pull request, characters. */
export const mostBodyChars = 65_536;

export function getIssue(call: RepoCall): Answer {
  return ok(renderIssue(call.world, call.repository, findIssue(call)));
}

export function listComments(call: RepoCall): Answer {
  const issue = findIssue(call);
  const since = call.query['since'];
  const shown = issue.comments.filter(({ updatedAtMs }) => since === undefined || updatedAtMs >= Date.parse(since));
  return page(
    call,
    shown.map((comment) => renderComment(call.world, call.repository, issue.number, comment)),
  );
}

export function createComment(call: RepoCall): Answer {
  const { world, repository, token } = call;
  const issue = findIssue(call);
  const nowMs = world.clock.nowMs();
  const comment: Comment = {
    id: world.nextId(),
    body: checkBody(call.body['body']),
    author: token.account,
    createdAtMs: nowMs,
    updatedAtMs: nowMs,
    viaApp: token.kind === 'installation',
  };
  issue.comments.push(comment);
  return created(renderComment(world, repository, issue.number, comment));
}

export function getComment(call: RepoCall): Answer {
  const { issue, comment } = findComment(call);
  return ok(renderComment(call.world, call.repository, issue.number, comment));
}

export function updateComment(call: RepoCall): Answer {
  const { issue, comment } = findComment(call);
  const mayEdit = comment.author.login === call.token.account.login;
  if (!mayEdit) throw new ApiError(403, 'Resource not accessible by integration');
  comment.body = checkBody(call.body['body']);
  comment.updatedAtMs = call.world.clock.nowMs();
  return ok(renderComment(call.world, call.repository, issue.number, comment));
}

export function checkBody(body: unknown): string {
  const text = String(body);
  if (text.trim() === '') throw new ApiError(422, 'Validation Failed', { errors: ['body cannot be blank'] });
  if (text.length > mostBodyChars) {
    const errors = [`body is too long (maximum is ${String(mostBodyChars)} characters)`];
    throw new ApiError(422, 'Validation Failed', { errors });
  }
  return text;
}

function findIssue({ repository, path }: RepoCall): Issue {
  const issue = repository.issues.get(Number(path['issue_number']));
  if (issue === undefined) throw notFound();
  return issue;
}

function findComment({ repository, path }: RepoCall): { readonly issue: Issue; readonly comment: Comment } {
  const id = Number(path['comment_id']);
  for (const issue of repository.issues.values()) {
    const comment = issue.comments.find((one) => one.id === id);
    if (comment !== undefined) return { issue, comment };
  }
  throw notFound();
}
