import {
  htmlUrl,
  renderAccount,
  renderComment,
  renderIssue,
  renderPull,
  renderRepository,
  renderReview,
  renderReviewComment,
} from '../routes/render.ts';
import type { Comment, Issue, Pull, Repository, Review, ReviewComment } from '../world/repository.ts';
import type { World } from '../world/world.ts';

/** The events that ABCA listens to. */
export type WebhookEvent = 'issues' | 'issue_comment' | 'pull_request_review_comment' | 'pull_request_review';

/** An event with the document that tells it, as GitHub sends it. */
export interface WebhookPayload {
  readonly event: WebhookEvent;
  readonly payload: Readonly<Record<string, unknown>>;
}

interface Told {
  readonly world: World;
  readonly repository: Repository;
  /** Login of who did it. */
  readonly sender: string;
}

export function issueLabeled(told: Told, issue: Issue, label: string): WebhookPayload {
  if (!issue.labels.includes(label)) issue.labels.push(label);
  const shown = { id: 1, node_id: 'LA_1', name: label, color: 'ededed', default: false };
  const rendered = renderIssue(told.world, told.repository, issue);
  return { event: 'issues', payload: { action: 'labeled', issue: rendered, label: shown, ...common(told) } };
}

export function issueCommentCreated(told: Told, issue: Issue, comment: Comment): WebhookPayload {
  const { world, repository } = told;
  const payload = {
    action: 'created',
    issue: renderIssue(world, repository, issue),
    comment: renderComment(world, repository, issue.number, comment),
    ...common(told),
  };
  return { event: 'issue_comment', payload };
}

export async function reviewCommentCreated(told: Told, pull: Pull, comment: ReviewComment): Promise<WebhookPayload> {
  const { world, repository } = told;
  const payload = {
    action: 'created',
    pull_request: await renderPull(world, repository, pull, false),
    comment: renderReviewComment(world, repository, pull, comment),
    ...common(told),
  };
  return { event: 'pull_request_review_comment', payload };
}

export async function reviewSubmitted(told: Told, pull: Pull, review: Review): Promise<WebhookPayload> {
  const { world, repository } = told;
  const rendered = renderReview(world, repository, pull, review);
  const payload = {
    action: 'submitted',
    pull_request: await renderPull(world, repository, pull, false),
    // In a webhook the state is in lower case, unlike in the API.
    review: {
      ...rendered,
      state: review.state.toLowerCase(),
      html_url: `${htmlUrl(world, repository, pull.issue.number)}#r`,
    },
    ...common(told),
  };
  return { event: 'pull_request_review', payload };
}

function common({ world, repository, sender }: Told): Readonly<Record<string, unknown>> {
  const installation = world.app.installations.find(({ account }) => account === repository.owner);
  return {
    repository: renderRepository(world, repository, undefined),
    sender: renderAccount(world, world.people.account(sender)),
    ...(installation && { installation: { id: installation.id, node_id: 'MDIz' } }),
  };
}
