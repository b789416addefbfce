/** Why a git process did not do what it was asked. */
export interface GitProblem {
  /** The git command's name, for the message. */
  readonly command: string;
  readonly kind: 'not_started' | 'timed_out' | 'failed';
  /** What git said, or why it did not start. */
  readonly stderr: string;
}

/** What a problem means for the caller. */
export type ProblemClass = 'disk_full' | 'not_a_repository' | 'denied' | 'unreachable' | 'other';

const patterns: readonly (readonly [ProblemClass, RegExp])[] = [
  ['disk_full', /No space left on device|Disk quota exceeded/i],
  [
    'unreachable',
    /Could not resolve host|unable to connect|Failed to connect|Connection (refused|timed out|reset|closed)|Operation timed out|early EOF|hung up unexpectedly|returned error: (429|5\d\d)/i,
  ],
  [
    'denied',
    /Authentication failed|could not read (Username|Password)|terminal prompts disabled|Permission denied|returned error: 40[13]|dubious ownership/i,
  ],
  [
    'not_a_repository',
    /does not appear to be a git repository|not a git repository|repository .*not found|is this a git repository|does not exist/i,
  ],
];

/** Reads the class from what git printed under LC_ALL=C. Lines that the remote sent are its business, not ours. */
export function classifyProblem(problem: GitProblem): ProblemClass {
  if (problem.kind === 'timed_out') return 'unreachable';
  const own = problem.stderr
    .split('\n')
    .filter((line) => !line.startsWith('remote:'))
    .join('\n');
  return patterns.find(([, pattern]) => pattern.test(own))?.[0] ?? 'other';
}

/** One line for people: the last things git said, without credentials that an address may hold. */
export function describeProblem(problem: GitProblem): string {
  if (problem.kind === 'timed_out') return `git ${problem.command} did not end in time`;
  const said = problem.stderr
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('hint:'));
  return `git ${problem.command} failed: ${hideCredentials(said.slice(-4).join('; ')) || 'it said nothing'}`;
}

/** `text` without the user part of any address in it. */
export function hideCredentials(text: string): string {
  return text.replace(/([a-z][a-z0-9+.-]*:\/\/)[^/@\s]+@/gi, '$1');
}
