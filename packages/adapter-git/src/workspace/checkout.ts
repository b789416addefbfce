import { AbcaError, type CallOptions, type Checkout, type CheckoutInput } from '@abca/core';
import { parseCloneUrl } from '../git/clone-url.ts';
import type { Git } from '../git/git.ts';
import { chooseBase, readRemoteRefs } from '../git/remote-refs.ts';
import { forgetWorkingCopy } from './working-copy.ts';

/** Clone and stand on the branch. The law is on the port. */
export async function checkoutBranch(git: Git, input: CheckoutInput, options: CallOptions): Promise<Checkout> {
  await assertNames(git, input, options);
  const { cloneUrl, dir, branch, wipRef } = input;
  const refs = await readRemoteRefs(git, cloneUrl, ['HEAD', 'refs/heads/*'], options);
  const base = chooseBase(refs, cloneUrl, input.baseBranch);
  if (base.kind === 'missing') throw new AbcaError(base.code, base.message);
  await forgetWorkingCopy(git, dir);
  // --no-local: a clone by hard links would share files with the remote that the agent could change.
  const clone = ['clone', '--no-local', '--no-checkout', '--no-recurse-submodules', '--template=', '--origin=origin'];
  await git.output([...clone, '--', cloneUrl, dir], { ...options, remote: { cloneUrl, operation: 'read' } });
  const call = { ...options, cwd: dir };
  const baseSha = await resolve(git, dir, `refs/remotes/origin/${base.branch}`, options);
  if (baseSha === undefined) throw new AbcaError('BRANCH_NOT_FOUND', `base branch ${base.branch} was just deleted`);
  const startSha = await findStart(git, input, baseSha, options);
  await git.output(['checkout', '--quiet', '--no-track', '-B', branch, startSha, '--'], call);
  return { dir, baseBranch: base.branch, baseSha, startSha, branch, wipRef };
}

/** A clone brings the branches only: a ref of another kind is fetched by its name. */
async function findStart(git: Git, input: CheckoutInput, baseSha: string, options: CallOptions): Promise<string> {
  const { cloneUrl, dir, branch, startRef } = input;
  if (startRef === undefined) return (await resolve(git, dir, `refs/remotes/origin/${branch}`, options)) ?? baseSha;
  const { refs } = await readRemoteRefs(git, cloneUrl, [startRef], options);
  if (!refs.has(startRef)) throw new AbcaError('BRANCH_NOT_FOUND', `the remote has no ref ${startRef}`);
  const local = 'refs/abca/start';
  const fetch = ['fetch', '--quiet', '--no-tags', '--no-write-fetch-head', '--', cloneUrl, `+${startRef}:${local}`];
  await git.output(fetch, { ...options, cwd: dir, remote: { cloneUrl, operation: 'read' } });
  const sha = await resolve(git, dir, local, options);
  if (sha === undefined) throw new AbcaError('BRANCH_NOT_FOUND', `${startRef} of the remote is no commit`);
  return sha;
}

async function resolve(git: Git, dir: string, ref: string, options: CallOptions): Promise<string | undefined> {
  const result = await git.run(['rev-parse', '--verify', '--quiet', `${ref}^{commit}`], { ...options, cwd: dir });
  return result.exitCode === 0 ? result.stdout.trim() : undefined;
}

/** Names become arguments and refs: refuse what git would read as something else. */
async function assertNames(git: Git, input: CheckoutInput, options: CallOptions): Promise<void> {
  const url = parseCloneUrl(input.cloneUrl, git.protocols);
  if (url.kind === 'refused')
    throw new AbcaError('NOT_A_REPOSITORY', `address of the repository is refused: ${url.why}`);
  const { branch, wipRef, startRef = wipRef } = input;
  for (const ref of [`refs/heads/${branch}`, wipRef, startRef]) {
    const result = await git.run(['check-ref-format', ref], options);
    if (result.exitCode !== 0 || branch.startsWith('-') || !ref.startsWith('refs/')) {
      throw new AbcaError('WORKSPACE_ERROR', `not a valid ref name: ${ref}`);
    }
  }
}
