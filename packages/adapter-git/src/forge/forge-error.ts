import { AbcaError } from '@abca/core';
import { classifyProblem, describeProblem, type GitProblem } from '../git/git-problem.ts';

/** The error that a failed git process means for a forge. `details.problem` is the class, for preflight to branch on. */
export function mapForgeError(problem: GitProblem): AbcaError {
  const kind = classifyProblem(problem);
  const code = kind === 'not_a_repository' ? 'NOT_A_REPOSITORY' : 'SERVICE_UNAVAILABLE';
  return new AbcaError(code, `the repository did not answer: ${describeProblem(problem)}`, {
    retryable: kind === 'unreachable' || kind === 'disk_full',
    details: { problem: kind },
  });
}
