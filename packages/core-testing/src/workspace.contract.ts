import { AbcaError, type CheckoutInput, type Workspace } from '@abca/core';
import { beforeEach, describe, expect, test } from '@jest/globals';
import type { RemoteControl } from './remote-control.ts';

/** A workspace under test, its remote, and the agent's hands in a checkout. */
export interface WorkspaceHarness {
  readonly workspace: Workspace;
  readonly remote: RemoteControl;
  /** A folder for one checkout that does not exist. */
  newDir(): Promise<string>;
  write(dir: string, path: string, content: string): Promise<void>;
  remove(dir: string, path: string): Promise<void>;
  read(dir: string, path: string): Promise<string | undefined>;
  /** Put a commit with these files, which stands on `main`, on a ref that is no branch. */
  save(ref: string, files: Readonly<Record<string, string>>): Promise<string>;
  /** An address that is no repository. */
  readonly notARepository: string;
}

/** What every {@link Workspace} must do. Run from each implementation's own test file. */
export function workspaceContract(setup: {
  /** `files` are the first commit on `main`; without them the remote is empty. */
  create(files?: Readonly<Record<string, string>>): Promise<WorkspaceHarness>;
}): void {
  describe('Workspace contract', () => {
    const wipRef = 'refs/abca/TASK/wip';
    const branch = 'abca/task/fix';
    let harness: WorkspaceHarness;
    let input: CheckoutInput;

    beforeEach(async () => {
      harness = await setup.create({ 'a.txt': 'one\n', '.gitignore': '*.log\n' });
      input = { cloneUrl: harness.remote.repo.cloneUrl, branch, wipRef, dir: await harness.newDir() };
    });

    const codeOf = (error: unknown): string => (AbcaError.is(error) ? error.code : String(error));

    describe('checkout()', () => {
      test('starts the branch at the default branch', async () => {
        const checkout = await harness.workspace.checkout(input);

        const baseSha = await harness.remote.sha('refs/heads/main');
        expect(checkout).toStrictEqual({
          dir: input.dir,
          baseBranch: 'main',
          baseSha,
          startSha: baseSha,
          branch,
          wipRef,
        });
        expect(await harness.read(input.dir, 'a.txt')).toBe('one\n');
      });

      test('starts the branch at the base branch that is named', async () => {
        const baseSha = await harness.remote.commit('release', { 'a.txt': 'two\n' });

        const checkout = await harness.workspace.checkout({ ...input, baseBranch: 'release' });

        expect({ base: checkout.baseBranch, sha: checkout.baseSha }).toStrictEqual({ base: 'release', sha: baseSha });
        expect(await harness.read(input.dir, 'a.txt')).toBe('two\n');
      });

      test('continues a branch that the remote has', async () => {
        const head = await harness.remote.commit(branch, { 'b.txt': 'theirs\n' });

        const checkout = await harness.workspace.checkout(input);

        expect(checkout.startSha).toBe(head);
        expect(await harness.read(input.dir, 'b.txt')).toBe('theirs\n');
        expect(await harness.workspace.commit(checkout, 'nothing')).toStrictEqual({
          kind: 'nothing_to_commit',
          sha: head,
        });
      });

      test('stands at the ref that is named, and leaves the branch of the remote alone', async () => {
        const startRef = 'refs/abca/pulls/7/head';
        const startSha = await harness.save(startRef, { 'c.txt': 'proposed\n' });

        const checkout = await harness.workspace.checkout({ ...input, startRef });

        const baseSha = await harness.remote.sha('refs/heads/main');
        expect(checkout).toStrictEqual({ dir: input.dir, baseBranch: 'main', baseSha, startSha, branch, wipRef });
        expect(await harness.read(input.dir, 'c.txt')).toBe('proposed\n');
        expect(await harness.remote.sha(`refs/heads/${branch}`)).toBeUndefined();
      });

      test('refuses a ref that the remote does not have', async () => {
        const checkout = harness.workspace.checkout({ ...input, startRef: 'refs/abca/pulls/8/head' });

        expect(codeOf(await checkout.catch((error: unknown) => error))).toBe('BRANCH_NOT_FOUND');
      });

      test('refuses what is no repository', async () => {
        const checkout = harness.workspace.checkout({ ...input, cloneUrl: harness.notARepository });

        expect(codeOf(await checkout.catch((error: unknown) => error))).toBe('NOT_A_REPOSITORY');
      });

      test('refuses an empty repository', async () => {
        const empty = await setup.create();
        const cloneUrl = empty.remote.repo.cloneUrl;

        const checkout = empty.workspace.checkout({ ...input, cloneUrl, dir: await empty.newDir() });

        expect(codeOf(await checkout.catch((error: unknown) => error))).toBe('EMPTY_REPOSITORY');
      });

      test('refuses a base branch that is missing and names those that exist', async () => {
        const checkout = harness.workspace.checkout({ ...input, baseBranch: 'nope' });

        const error = await checkout.catch((reason: unknown) => reason);
        expect(codeOf(error)).toBe('BRANCH_NOT_FOUND');
        expect((error as Error).message).toMatch(/nope.*main/);
      });
    });

    describe('saveWork()', () => {
      test('has nothing to save in an untouched checkout', async () => {
        const checkout = await harness.workspace.checkout(input);

        expect(await harness.workspace.saveWork(checkout)).toStrictEqual({ kind: 'unchanged' });
        expect(await harness.remote.sha(wipRef)).toBeUndefined();
      });

      test('has nothing to save in an untouched checkout of a branch that the remote has', async () => {
        await harness.remote.commit(branch, { 'b.txt': 'theirs\n' });
        const checkout = await harness.workspace.checkout(input);

        expect(await harness.workspace.saveWork(checkout)).toStrictEqual({ kind: 'unchanged' });
        expect(await harness.remote.sha(wipRef)).toBeUndefined();
      });

      test('puts new, changed and deleted files on the ref, ignored ones left out', async () => {
        const checkout = await harness.workspace.checkout(input);
        await harness.write(input.dir, 'new.txt', 'new\n');
        await harness.write(input.dir, 'noise.log', 'noise\n');
        await harness.remove(input.dir, 'a.txt');

        const saved = await harness.workspace.saveWork(checkout);

        expect(saved).toStrictEqual({ kind: 'saved', sha: await harness.remote.sha(wipRef) });
        expect(await harness.remote.files(wipRef)).toStrictEqual({ '.gitignore': '*.log\n', 'new.txt': 'new\n' });
      });

      test('is unchanged when repeated', async () => {
        const checkout = await harness.workspace.checkout(input);
        await harness.write(input.dir, 'a.txt', 'changed\n');
        await harness.workspace.saveWork(checkout);

        expect(await harness.workspace.saveWork(checkout)).toStrictEqual({ kind: 'unchanged' });
      });

      test('replaces the save before it', async () => {
        const checkout = await harness.workspace.checkout(input);
        await harness.write(input.dir, 'a.txt', 'first\n');
        await harness.workspace.saveWork(checkout);
        await harness.write(input.dir, 'a.txt', 'second\n');

        await harness.workspace.saveWork(checkout);

        expect((await harness.remote.files(wipRef))?.['a.txt']).toBe('second\n');
      });

      test('leaves the branch as it was', async () => {
        const checkout = await harness.workspace.checkout(input);
        await harness.write(input.dir, 'a.txt', 'changed\n');
        await harness.workspace.saveWork(checkout);

        expect((await harness.workspace.commit(checkout, 'change')).kind).toBe('committed');
        expect(await harness.remote.sha(`refs/heads/${branch}`)).toBeUndefined();
      });

      test('saves what is committed and not pushed', async () => {
        const checkout = await harness.workspace.checkout(input);
        await harness.write(input.dir, 'a.txt', 'changed\n');
        const { sha } = await harness.workspace.commit(checkout, 'change');

        expect(await harness.workspace.saveWork(checkout)).toStrictEqual({ kind: 'saved', sha });
      });

      test('works although pushes to branches are refused', async () => {
        const checkout = await harness.workspace.checkout(input);
        await harness.remote.refuseBranches('not here');
        await harness.write(input.dir, 'a.txt', 'changed\n');

        expect((await harness.workspace.saveWork(checkout)).kind).toBe('saved');
      });
    });

    describe('commit() and push()', () => {
      test('deliver the working tree without what is ignored', async () => {
        const checkout = await harness.workspace.checkout(input);
        await harness.write(input.dir, 'dir/new.txt', 'new\n');
        await harness.write(input.dir, 'noise.log', 'noise\n');

        const committed = await harness.workspace.commit(checkout, 'add a file');
        const pushed = await harness.workspace.push(checkout);

        expect(committed.kind).toBe('committed');
        expect(pushed).toStrictEqual({ kind: 'pushed', sha: committed.sha });
        expect(await harness.remote.sha(`refs/heads/${branch}`)).toBe(committed.sha);
        expect((await harness.remote.files(`refs/heads/${branch}`))?.['dir/new.txt']).toBe('new\n');
        expect((await harness.remote.files(`refs/heads/${branch}`))?.['noise.log']).toBeUndefined();
      });

      test('have nothing to commit the second time', async () => {
        const checkout = await harness.workspace.checkout(input);
        await harness.write(input.dir, 'a.txt', 'changed\n');
        const { sha } = await harness.workspace.commit(checkout, 'change');

        expect(await harness.workspace.commit(checkout, 'again')).toStrictEqual({ kind: 'nothing_to_commit', sha });
      });

      test('push() may be repeated', async () => {
        const checkout = await harness.workspace.checkout(input);
        await harness.write(input.dir, 'a.txt', 'changed\n');
        await harness.workspace.commit(checkout, 'change');

        expect(await harness.workspace.push(checkout)).toStrictEqual(await harness.workspace.push(checkout));
      });

      test('push() is rejected with the reason of the remote', async () => {
        const checkout = await harness.workspace.checkout(input);
        await harness.remote.refuseBranches('branches are frozen');
        await harness.write(input.dir, 'a.txt', 'changed\n');
        await harness.workspace.commit(checkout, 'change');

        const result = await harness.workspace.push(checkout);

        expect(result).toStrictEqual({ kind: 'rejected', reason: expect.stringContaining('branches are frozen') });
        expect(await harness.remote.sha(`refs/heads/${branch}`)).toBeUndefined();
      });

      test('push() is rejected when the branch went another way', async () => {
        const checkout = await harness.workspace.checkout(input);
        const theirs = await harness.remote.commit(branch, { 'b.txt': 'theirs\n' });
        await harness.write(input.dir, 'a.txt', 'changed\n');
        await harness.workspace.commit(checkout, 'change');

        expect((await harness.workspace.push(checkout)).kind).toBe('rejected');
        expect(await harness.remote.sha(`refs/heads/${branch}`)).toBe(theirs);
      });
    });

    test.each(['checkout', 'saveWork', 'commit', 'push'] as const)(
      '%s() ends with the reason of its signal',
      async (verb) => {
        const checkout = await harness.workspace.checkout(input);
        const reason = new Error('enough');
        const options = { signal: AbortSignal.abort(reason) };
        const calls = {
          checkout: async () => harness.workspace.checkout({ ...input, dir: await harness.newDir() }, options),
          saveWork: () => harness.workspace.saveWork(checkout, options),
          commit: () => harness.workspace.commit(checkout, 'message', options),
          push: () => harness.workspace.push(checkout, options),
        };

        await expect(calls[verb]()).rejects.toBe(reason);
      },
    );
  });
}
