import type { ServedOperation } from '../openapi/extract-openapi.ts';
import type { Answer, Call, RepoCall } from '../wire/call.ts';
import type { Level } from '../world/tokens.ts';
import { createToken, getApp, getRepoInstallation, getUser } from './app-routes.ts';
import { createComment, getComment, getIssue, listComments, updateComment } from './issue-routes.ts';
import {
  createPull,
  createReview,
  getPull,
  listPulls,
  listReviewComments,
  listReviews,
  updatePull,
} from './pull-routes.ts';
import {
  compare,
  getBranch,
  getPermission,
  getRef,
  getRepository,
  listBranches,
  listCheckRuns,
} from './repo-routes.ts';

type Handler<C> = (call: C) => Answer | Promise<Answer>;
/** Any one of them is enough. */
type Needs = readonly (readonly [permission: string, level: Level])[];

/** Who may call an operation, and what it does. */
export type Route =
  | { readonly by: 'app'; readonly handle: Handler<Call> }
  | { readonly by: 'user'; readonly handle: Handler<Call> }
  | { readonly by: 'token'; readonly needs: Needs; readonly handle: Handler<RepoCall> };

const byToken = (needs: Needs, handle: Handler<RepoCall>): Route => ({ by: 'token', needs, handle });
const ofIssues = (level: Level): Needs => [
  ['issues', level],
  ['pull_requests', level],
];

/** @see https://docs.github.com/rest/authentication/permissions-required-for-github-apps */
export const routes: Readonly<Record<ServedOperation, Route>> = {
  'apps/create-installation-access-token': { by: 'app', handle: createToken },
  'apps/get-authenticated': { by: 'app', handle: getApp },
  'apps/get-repo-installation': { by: 'app', handle: getRepoInstallation },
  'checks/list-for-ref': byToken([['checks', 'read']], listCheckRuns),
  'git/get-ref': byToken([['contents', 'read']], getRef),
  'issues/create-comment': byToken(ofIssues('write'), createComment),
  'issues/get': byToken(ofIssues('read'), getIssue),
  'issues/get-comment': byToken(ofIssues('read'), getComment),
  'issues/list-comments': byToken(ofIssues('read'), listComments),
  'issues/update-comment': byToken(ofIssues('write'), updateComment),
  'pulls/create': byToken([['pull_requests', 'write']], createPull),
  'pulls/create-review': byToken([['pull_requests', 'write']], createReview),
  'pulls/get': byToken([['pull_requests', 'read']], getPull),
  'pulls/list': byToken([['pull_requests', 'read']], listPulls),
  'pulls/list-review-comments': byToken([['pull_requests', 'read']], listReviewComments),
  'pulls/list-reviews': byToken([['pull_requests', 'read']], listReviews),
  'pulls/update': byToken([['pull_requests', 'write']], updatePull),
  'repos/compare-commits-with-basehead': byToken([['contents', 'read']], compare),
  'repos/get': byToken([['metadata', 'read']], getRepository),
  'repos/get-branch': byToken([['contents', 'read']], getBranch),
  'repos/get-collaborator-permission-level': byToken([['metadata', 'read']], getPermission),
  'repos/list-branches': byToken([['contents', 'read']], listBranches),
  'users/get-authenticated': { by: 'user', handle: getUser },
};
