import { access, constants } from 'node:fs/promises';
import { join } from 'node:path';
import { AbcaError, isReadOnly, type CallOptions, type PreflightQuery, type PreflightResult } from '@abca/core';
import { parseCloneUrl } from '../git/clone-url.ts';
import type { Git } from '../git/git.ts';
import { chooseBase, readRemoteRefs, type RemoteRefs } from '../git/remote-refs.ts';
import { findNamedPull } from './pull-head.ts';

type FailureCode = Extract<PreflightResult, { kind: 'failed' }>['code'];

/** Whether a task can be done on the repository at all. A forge that does not answer is an error, not a failure. */
export async function checkBefore(git: Git, query: PreflightQuery, options: CallOptions): Promise<PreflightResult> {
  const url = parseCloneUrl(query.cloneUrl, git.protocols);
  if (url.kind === 'refused') return failed('NOT_A_REPOSITORY', `address of the repository is refused: ${url.why}`);
  try {
    const patterns = ['HEAD', 'refs/heads/*', ...(query.prNumber === undefined ? [] : ['refs/abca/pulls/*'])];
    const refs = await readRemoteRefs(git, query.cloneUrl, patterns, options);
    const checked = await checkRefs(git, query, refs, options);
    if (checked.kind === 'failed') return checked;
    if (url.kind === 'path' && !isReadOnly(query.taskType) && !(await canWrite(url.path))) {
      return failed(
        'PREFLIGHT_FAILED',
        `repository ${url.path} cannot be written; grant write permission on its folder`,
      );
    }
    return checked;
  } catch (error) {
    if (AbcaError.is(error, 'NOT_A_REPOSITORY')) return failed('NOT_A_REPOSITORY', error.message);
    if (AbcaError.is(error) && error.details?.['problem'] === 'denied')
      return failed('PREFLIGHT_FAILED', error.message);
    throw error;
  }
}

/** A pull request has a base of its own; a new task that names one only reads it. */
async function checkRefs(
  git: Git,
  query: PreflightQuery,
  refs: RemoteRefs,
  options: CallOptions,
): Promise<PreflightResult> {
  const { prNumber, taskType } = query;
  if (prNumber === undefined) return checkBase(refs, query);
  const pulled = await checkPull(git, { ...query, prNumber }, refs, options);
  if (pulled.kind === 'failed' || taskType !== 'new_task') return pulled;
  const base = checkBase(refs, query);
  return base.kind === 'failed' ? base : { ...pulled, baseBranch: base.baseBranch };
}

/** The base of a task that starts something new. */
function checkBase(refs: RemoteRefs, query: PreflightQuery): PreflightResult {
  const base = chooseBase(refs, query.cloneUrl, query.baseBranch);
  if (base.kind === 'missing') return failed(base.code, base.message);
  if (query.protectedBranches.includes(base.branch)) {
    const message = `base branch ${base.branch} is protected; name another with a base branch of the task`;
    return failed('BRANCH_PROTECTED', message);
  }
  return { kind: 'passed', baseBranch: base.branch };
}

/** The pull request that the task names. More work on one is pushed to its branch; a review pushes nothing. */
async function checkPull(
  git: Git,
  query: PreflightQuery & { readonly prNumber: number },
  refs: RemoteRefs,
  options: CallOptions,
): Promise<PreflightResult> {
  const { prNumber, cloneUrl, taskType, protectedBranches } = query;
  const found = await findNamedPull(git, { cloneUrl, number: prNumber, refs }, options);
  const name = `pull request #${String(prNumber)}`;
  if (found.kind === 'unusable') return failed('PREFLIGHT_FAILED', `${name} cannot be worked on: ${found.why}`);
  const { headBranch } = found.head;
  if (taskType === 'pr_iteration' && protectedBranches.includes(headBranch)) {
    return failed('BRANCH_PROTECTED', `${name} is from ${headBranch}, which is protected; submit a new task instead`);
  }
  return { kind: 'passed', baseBranch: found.baseBranch, pullRequest: found.head };
}

async function canWrite(path: string): Promise<boolean> {
  const folders = [join(path, 'objects'), join(path, '.git', 'objects')];
  const checks = folders.map((folder) =>
    access(folder, constants.W_OK).then(
      () => true,
      () => false,
    ),
  );
  return (await Promise.all(checks)).includes(true);
}

function failed(code: FailureCode, message: string): PreflightResult {
  return { kind: 'failed', code, message };
}
