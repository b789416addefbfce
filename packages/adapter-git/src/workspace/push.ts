import { AbcaError, type PushResult } from '@abca/core';
import { parsePush } from './push-result.ts';
import { readAgentRef, type WorkingCopy } from './working-copy.ts';

/** Push the branch to the address the checkout was made from. A refusal is a value. */
export async function pushBranch(copy: WorkingCopy): Promise<PushResult> {
  const { git, cloneUrl, checkout } = copy;
  const ref = `refs/heads/${checkout.branch}`;
  const sha = await readAgentRef(copy, ref);
  if (sha === undefined) {
    throw new AbcaError('WORKSPACE_ERROR', `branch ${checkout.branch} is missing in the checkout; commit first`);
  }
  const args = ['push', '--porcelain', '--no-verify', '--', cloneUrl, `${sha}:${ref}`];
  const result = await git.run(args, { ...copy.call, remote: { cloneUrl, operation: 'write' } });
  const outcome = parsePush(result);
  switch (outcome.kind) {
    case 'done':
      return { kind: 'pushed', sha };
    case 'refused':
      return { kind: 'rejected', reason: outcome.reason };
    case 'failed':
      throw git.failure(['push'], result);
    default:
      return outcome satisfies never;
  }
}
