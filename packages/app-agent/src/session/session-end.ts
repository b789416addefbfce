import type { SessionResult } from '@abca/core';

/** How a session ended, as its program sees it. */
export type SessionEnd =
  /** The result is on the row: whoever started the session reads the rest there. */
  | { readonly kind: 'reported'; readonly result: SessionResult }
  /** The task is not this session's any more. Nothing was written. */
  | { readonly kind: 'lease_lost' }
  /** The store could not be reached while the lease lasted. The work is saved as far as the remote could be reached. */
  | { readonly kind: 'unreported'; readonly why: string };

/** What the program exits with: fixed numbers, so that a substrate's report can be read. */
export const exitCodes = {
  reported: 0,
  crashed: 1,
  configInvalid: 2,
  leaseLost: 3,
  unreported: 4,
  terminated: 143,
} as const;

/** The exit code of an end. 143 is what a shell shows of a process that SIGTERM ended. */
export function exitCodeOf(end: SessionEnd): number {
  switch (end.kind) {
    case 'reported':
      return end.result.failure?.code === 'AGENT_TERMINATED' ? exitCodes.terminated : exitCodes.reported;
    case 'lease_lost':
      return exitCodes.leaseLost;
    case 'unreported':
      return exitCodes.unreported;
    default:
      return end satisfies never;
  }
}
