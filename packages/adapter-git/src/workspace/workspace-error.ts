import { AbcaError } from '@abca/core';
import { classifyProblem, describeProblem, type GitProblem } from '../git/git-problem.ts';

/** The error that a failed git process means for a workspace. */
export function mapWorkspaceError(problem: GitProblem): AbcaError {
  const what = describeProblem(problem);
  switch (classifyProblem(problem)) {
    case 'disk_full':
      return new AbcaError(
        'WORKSPACE_DISK_FULL',
        `no space left in the workspace: ${what}; free space and submit again`,
      );
    case 'not_a_repository':
      return new AbcaError('NOT_A_REPOSITORY', `not a git repository: ${what}`);
    case 'unreachable':
      return new AbcaError('WORKSPACE_ERROR', `the remote did not answer: ${what}`, { retryable: true });
    case 'denied':
    case 'other':
      return new AbcaError('WORKSPACE_ERROR', what);
  }
}

/** The error for a failure of the file system itself. An AbcaError passes unchanged. */
export function mapFileError(error: unknown): AbcaError {
  if (AbcaError.is(error)) return error;
  // By shape: an error of another realm is no instanceof.
  const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
  if (code === 'ENOSPC' || code === 'EDQUOT') {
    return new AbcaError('WORKSPACE_DISK_FULL', 'no space left in the workspace; free space and submit again', {
      cause: error,
    });
  }
  return AbcaError.wrap(error, 'WORKSPACE_ERROR', 'the workspace could not be used');
}
