import type { GitResult } from '../git/git.ts';
import { classifyProblem, hideCredentials } from '../git/git-problem.ts';

/** How the remote took a push of one ref, from `git push --porcelain`. */
export type PushOutcome =
  | { readonly kind: 'done' }
  /** `stale`: the ref was not where the lease expected it, or it is not an ancestor. */
  | { readonly kind: 'refused'; readonly reason: string; readonly stale: boolean }
  /** It did not come to a decision by the remote. */
  | { readonly kind: 'failed' };

const refusedLine = /^!\t[^\t]*\t\[([^\]]*)\](?: \(([^)]*)\))?/;

/** In git's words: another writer was there first, seen before the push or by the remote in the middle of it. */
const staleDetail =
  /stale info|non-fast-forward|fetch first|already exists|failed to update ref|cannot lock ref|failed to lock|incorrect old value|atomic (transaction|push) failed/i;

/** Reads a push's outcome. */
export function parsePush(result: GitResult): PushOutcome {
  if (result.exitCode === 0) return { kind: 'done' };
  const lines = result.stdout.split('\n').filter((text) => text.startsWith('!'));
  // In an atomic push each ref is refused; all but one only because of that one.
  const match = refusedLine.exec(lines.find((text) => !text.includes('(atomic push failed)')) ?? lines[0] ?? '');
  const said = remoteWords(result.stderr);
  if (match !== null) {
    const [, verdict = 'rejected', detail = ''] = match;
    const stale = staleDetail.test(detail);
    return { kind: 'refused', reason: [detail || verdict, said].filter(Boolean).join(': '), stale };
  }
  if (classifyProblem({ command: 'push', kind: 'failed', stderr: result.stderr }) === 'denied') {
    return { kind: 'refused', reason: said || lastLine(result.stderr), stale: false };
  }
  return { kind: 'failed' };
}

/** What the remote's hooks printed. */
function remoteWords(stderr: string): string {
  const lines = stderr.split('\n').flatMap((line) => (line.startsWith('remote:') ? line.slice(7).trim() : []));
  return hideCredentials(lines.filter(Boolean).join(' ')).slice(0, 500);
}

function lastLine(stderr: string): string {
  return hideCredentials(stderr.trim().split('\n').at(-1) ?? '');
}
