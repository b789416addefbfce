import { AbcaError } from '@abca/core';
import { parsePush } from '../workspace/push-result.ts';
import type { ForgeScratch } from './forge-scratch.ts';

/** Where a ref must be, and where it goes. */
export interface RefUpdate {
  readonly ref: string;
  /** Where the ref must be; empty for nowhere. */
  readonly from: string;
  readonly to: string;
}

/**
 * Move refs of the remote, all of them or none.
 *
 * @param what what they stand for, for the message of a refusal
 * @returns false when a ref was not where it was expected
 */
export async function pushRefs(scratch: ForgeScratch, updates: readonly RefUpdate[], what: string): Promise<boolean> {
  const { git, cloneUrl, call } = scratch;
  const leases = updates.map(({ ref, from }) => `--force-with-lease=${ref}:${from}`);
  const specs = updates.map(({ ref, to }) => `${to}:${ref}`);
  const args = ['push', '--porcelain', '--atomic', '--no-verify', ...leases, '--', cloneUrl, ...specs];
  const result = await git.run(args, { ...call, remote: { cloneUrl, operation: 'write' } });
  const outcome = parsePush(result);
  if (outcome.kind === 'done') return true;
  if (outcome.kind === 'failed') throw git.failure(['push'], result);
  if (outcome.stale) return false;
  throw new AbcaError('SERVICE_UNAVAILABLE', `${what}: the remote refused it: ${outcome.reason}`);
}

/** Store a document for a ref to point at. @returns its sha */
export async function writeDocument(scratch: ForgeScratch, text: string): Promise<string> {
  const args = ['hash-object', '-w', '--stdin'];
  return (await scratch.git.output(args, { ...scratch.call, input: text })).trim();
}
