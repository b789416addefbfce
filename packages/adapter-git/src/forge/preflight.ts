import { access, constants } from 'node:fs/promises';
import { join } from 'node:path';
import { AbcaError, isReadOnly, type CallOptions, type PreflightQuery, type PreflightResult } from '@abca/core';
import { parseCloneUrl } from '../git/clone-url.ts';
import type { Git } from '../git/git.ts';
import { chooseBase, readRemoteRefs } from '../git/remote-refs.ts';

type FailureCode = Extract<PreflightResult, { kind: 'failed' }>['code'];

/** Whether a task can be done on the repository at all. A forge that does not answer is an error, not a failure. */
export async function checkBefore(git: Git, query: PreflightQuery, options: CallOptions): Promise<PreflightResult> {
  const url = parseCloneUrl(query.cloneUrl, git.protocols);
  if (url.kind === 'refused') return failed('NOT_A_REPOSITORY', `address of the repository is refused: ${url.why}`);
  if (query.prNumber !== undefined) {
    const what = `pull request #${String(query.prNumber)} cannot be worked on: a plain git repository keeps none`;
    return failed('PREFLIGHT_FAILED', `${what}; submit a new task with a base branch instead`);
  }
  try {
    const refs = await readRemoteRefs(git, query.cloneUrl, ['HEAD', 'refs/heads/*'], options);
    const base = chooseBase(refs, query.cloneUrl, query.baseBranch);
    if (base.kind === 'missing') return failed(base.code, base.message);
    if (query.protectedBranches.includes(base.branch)) {
      const message = `base branch ${base.branch} is protected; name another with a base branch of the task`;
      return failed('BRANCH_PROTECTED', message);
    }
    if (url.kind === 'path' && !isReadOnly(query.taskType) && !(await canWrite(url.path))) {
      return failed(
        'PREFLIGHT_FAILED',
        `repository ${url.path} cannot be written; grant write permission on its folder`,
      );
    }
    return { kind: 'passed', baseBranch: base.branch };
  } catch (error) {
    if (AbcaError.is(error, 'NOT_A_REPOSITORY')) return failed('NOT_A_REPOSITORY', error.message);
    if (AbcaError.is(error) && error.details?.['problem'] === 'denied')
      return failed('PREFLIGHT_FAILED', error.message);
    throw error;
  }
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
