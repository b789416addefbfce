import type { Account } from '../world/people.ts';
import type { Comment, Issue, Pull, Repository, Review, ReviewComment } from '../world/repository.ts';
import type { World } from '../world/world.ts';

type Json = Readonly<Record<string, unknown>>;

export const isoOf = (ms: number): string => new Date(ms).toISOString().replace(/\.\d{3}Z$/, 'Z');

export function renderAccount(world: World, account: Account): Json {
  const name = account.login.replace('[bot]', '');
  return {
    login: account.login,
    id: account.id,
    node_id: `U_${String(account.id)}`,
    type: account.type,
    site_admin: false,
    url: `${world.apiUrl}/users/${encodeURIComponent(account.login)}`,
    html_url: `${world.webUrl}/${account.type === 'Bot' ? 'apps/' : ''}${name}`,
  };
}

export function renderRepository(world: World, repository: Repository, permissions: Json | undefined): Json {
  return {
    id: repository.id,
    node_id: `R_${String(repository.id)}`,
    name: repository.name,
    full_name: repository.fullName,
    private: repository.private,
    owner: renderAccount(world, world.people.account(repository.owner)),
    url: `${world.apiUrl}/repos/${repository.fullName}`,
    html_url: `${world.webUrl}/${repository.fullName}`,
    clone_url: `${world.webUrl}/${repository.fullName}.git`,
    default_branch: repository.defaultBranch,
    archived: repository.archived,
    disabled: false,
    ...(permissions && { permissions }),
  };
}

export function renderIssue(world: World, repository: Repository, issue: Issue): Json {
  const isPull = repository.pulls.has(issue.number);
  const number = String(issue.number);
  return {
    id: repository.id * 1000 + issue.number,
    node_id: `I_${number}`,
    number: issue.number,
    title: issue.title,
    body: issue.body,
    state: issue.state,
    locked: false,
    labels: issue.labels.map((name, at) => ({ id: at + 1, name, color: 'ededed', default: false })),
    user: renderAccount(world, issue.author),
    comments: issue.comments.length,
    author_association: 'CONTRIBUTOR',
    created_at: isoOf(issue.createdAtMs),
    updated_at: isoOf(issue.createdAtMs),
    url: `${world.apiUrl}/repos/${repository.fullName}/issues/${number}`,
    html_url: htmlUrl(world, repository, issue.number),
    ...(isPull && {
      pull_request: {
        url: `${world.apiUrl}/repos/${repository.fullName}/pulls/${number}`,
        html_url: htmlUrl(world, repository, issue.number),
        diff_url: `${htmlUrl(world, repository, issue.number)}.diff`,
        patch_url: `${htmlUrl(world, repository, issue.number)}.patch`,
      },
    }),
  };
}

export function htmlUrl(world: World, repository: Repository, number: number): string {
  const kind = repository.pulls.has(number) ? 'pull' : 'issues';
  return `${world.webUrl}/${repository.fullName}/${kind}/${String(number)}`;
}

export function renderComment(world: World, repository: Repository, number: number, comment: Comment): Json {
  const id = String(comment.id);
  return {
    id: comment.id,
    node_id: `IC_${id}`,
    body: comment.body,
    user: renderAccount(world, comment.author),
    author_association: 'CONTRIBUTOR',
    created_at: isoOf(comment.createdAtMs),
    updated_at: isoOf(comment.updatedAtMs),
    url: `${world.apiUrl}/repos/${repository.fullName}/issues/comments/${id}`,
    html_url: `${htmlUrl(world, repository, number)}#issuecomment-${id}`,
    issue_url: `${world.apiUrl}/repos/${repository.fullName}/issues/${String(number)}`,
    performed_via_github_app: comment.viaApp
      ? { id: world.app.appId, slug: world.app.slug, node_id: 'A_1', name: world.app.slug }
      : null,
  };
}

export function renderReview(world: World, repository: Repository, pull: Pull, review: Review): Json {
  return {
    id: review.id,
    node_id: `PRR_${String(review.id)}`,
    user: renderAccount(world, review.author),
    body: review.body,
    state: review.state,
    commit_id: review.commitId,
    submitted_at: isoOf(review.submittedAtMs),
    author_association: 'CONTRIBUTOR',
    html_url: `${htmlUrl(world, repository, pull.issue.number)}#pullrequestreview-${String(review.id)}`,
    pull_request_url: `${world.apiUrl}/repos/${repository.fullName}/pulls/${String(pull.issue.number)}`,
  };
}

export function renderReviewComment(world: World, repository: Repository, pull: Pull, comment: ReviewComment): Json {
  const id = String(comment.id);
  return {
    id: comment.id,
    node_id: `PRRC_${id}`,
    path: comment.path,
    ...(comment.line !== undefined && { line: comment.line, side: 'RIGHT' }),
    body: comment.body,
    user: renderAccount(world, comment.author),
    author_association: 'CONTRIBUTOR',
    commit_id: pull.headSha,
    created_at: isoOf(comment.createdAtMs),
    updated_at: isoOf(comment.updatedAtMs),
    url: `${world.apiUrl}/repos/${repository.fullName}/pulls/comments/${id}`,
    html_url: `${htmlUrl(world, repository, pull.issue.number)}#discussion_r${id}`,
    pull_request_url: `${world.apiUrl}/repos/${repository.fullName}/pulls/${String(pull.issue.number)}`,
  };
}

/** A pull request, `whole` as it is answered alone: with what is counted of its commits. */
export async function renderPull(world: World, repository: Repository, pull: Pull, whole: boolean): Promise<Json> {
  const headSha = await repository.headOf(pull);
  const baseSha = (await repository.git.refs()).get(`refs/heads/${pull.base}`) ?? '';
  const counted = whole && baseSha !== '' ? await repository.git.compare(baseSha, headSha) : undefined;
  const side = (label: string, ref: string, sha: string): Json => ({ label, ref, sha });
  const fork = world.findRepository(pull.headRepo);
  const headOwner = world.people.account(pull.headRepo.slice(0, pull.headRepo.indexOf('/')));
  const issue = renderIssue(world, repository, pull.issue);
  const { labels: _labels, pull_request: _pull, ...shared } = issue;
  return {
    ...shared,
    draft: pull.draft,
    merged_at: pull.merged ? isoOf(pull.issue.createdAtMs) : null,
    url: `${world.apiUrl}/repos/${repository.fullName}/pulls/${String(pull.issue.number)}`,
    head: {
      ...side(`${headOwner.login}:${pull.headBranch}`, pull.headBranch, headSha),
      user: renderAccount(world, headOwner),
      // GitHub says null once the fork is deleted, which its own description does not allow: left out here.
      ...(fork !== undefined && { repo: renderRepository(world, fork, undefined) }),
    },
    base: {
      ...side(`${repository.owner}:${pull.base}`, pull.base, baseSha),
      user: renderAccount(world, world.people.account(repository.owner)),
      repo: renderRepository(world, repository, undefined),
    },
    ...(whole && {
      merged: pull.merged,
      mergeable: true,
      commits: counted?.aheadBy ?? 0,
      additions: counted?.files.reduce((sum, file) => sum + file.additions, 0) ?? 0,
      deletions: counted?.files.reduce((sum, file) => sum + file.deletions, 0) ?? 0,
      changed_files: counted?.files.length ?? 0,
    }),
  };
}
