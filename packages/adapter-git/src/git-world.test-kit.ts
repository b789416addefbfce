import { execFile } from 'node:child_process';
import { access, chmod, mkdtemp, readFile, rm, writeFile, mkdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import type { RepoId } from '@abca/core';
import type { ForgeHarness, RemoteControl, WorkspaceHarness } from '@abca/core-testing';
import { GitForge } from './forge/git-forge.ts';
import type { GitOptions } from './git/git-options.ts';
import { GitWorkspace } from './workspace/git-workspace.ts';

const run = promisify(execFile);

/** A bare repository in a temporary folder, with a workspace and a forge that look at it. */
export interface GitWorld extends ForgeHarness, WorkspaceHarness {
  readonly workspace: GitWorkspace;
  readonly forge: GitForge;
  /** The folder everything is in. */
  readonly root: string;
  /** Path of the bare repository. */
  readonly bare: string;
  readonly options: GitOptions;
  /** git as a person would run it, in `cwd`. Answers standard output. */
  git(cwd: string, ...args: string[]): Promise<string>;
  remove(dir: string, path: string): Promise<void>;
}

const worlds: string[] = [];

/** For `afterAll`. */
export async function removeWorlds(): Promise<void> {
  await Promise.all(worlds.splice(0).map((root) => rm(root, { recursive: true, force: true })));
}

export async function createGitWorld(
  files?: Readonly<Record<string, string>>,
  more: Partial<GitOptions> & { readonly cloneUrl?: (bare: string) => string; readonly initArgs?: string[] } = {},
): Promise<GitWorld> {
  const root = await mkdtemp(join(tmpdir(), 'abca-git-'));
  worlds.push(root);
  const { cloneUrl, initArgs, ...moreOptions } = more;
  const options: GitOptions = { homeDir: join(root, 'platform'), pathEnv: process.env['PATH'] ?? '', ...moreOptions };
  const bare = join(root, 'remote.git');
  const env = personEnvironment(root);
  const git = async (cwd: string, ...args: string[]): Promise<string> =>
    (await run('git', args, { cwd, env, maxBuffer: 1 << 26 })).stdout;
  await mkdir(join(root, 'home'));
  await git(root, 'init', '--quiet', '--bare', '--template=', ...(initArgs ?? []), bare);
  await git(bare, 'symbolic-ref', 'HEAD', 'refs/heads/main');

  const commitOn = async (
    ref: string,
    parentRef: string,
    changes: Readonly<Record<string, string>>,
  ): Promise<string> => {
    const parent = (await shaOf(git, bare, ref)) ?? (await shaOf(git, bare, parentRef));
    const index = { ...env, GIT_INDEX_FILE: join(root, 'remote-index') };
    await run('git', parent === undefined ? ['read-tree', '--empty'] : ['read-tree', parent], {
      cwd: bare,
      env: index,
    });
    for (const [path, content] of Object.entries(changes)) {
      const file = join(root, 'blob');
      await writeFile(file, content);
      const blob = (await git(bare, 'hash-object', '-w', '--no-filters', file)).trim();
      const args = ['update-index', '--add', '--cacheinfo', `100644,${blob},${path}`];
      await run('git', args, { cwd: bare, env: index });
    }
    const tree = (await run('git', ['write-tree'], { cwd: bare, env: index })).stdout.trim();
    const parents = parent === undefined ? [] : ['-p', parent];
    const sha = (await git(bare, 'commit-tree', tree, ...parents, '-m', 'by a person')).trim();
    await git(bare, 'update-ref', ref, sha);
    return sha;
  };
  if (files) await commitOn('refs/heads/main', 'refs/heads/main', files);

  const remote: RemoteControl = {
    repo: { repo: 'acme/shop' as RepoId, cloneUrl: cloneUrl ? cloneUrl(bare) : bare },
    sha: (ref) => shaOf(git, bare, ref),
    commit: (branch, changes) => commitOn(`refs/heads/${branch}`, 'refs/heads/main', changes),
    files: async (ref) => {
      if ((await shaOf(git, bare, ref)) === undefined) return undefined;
      const paths = (await git(bare, 'ls-tree', '-r', '-z', '--name-only', ref)).split('\0').filter(Boolean);
      const entries = paths.map(async (path) => [path, await git(bare, 'show', `${ref}:${path}`)] as const);
      return Object.fromEntries(await Promise.all(entries));
    },
    refuseBranches: async (reason) => {
      const hook = join(bare, 'hooks', 'update');
      await mkdir(dirname(hook), { recursive: true });
      await writeFile(hook, `#!/bin/sh\ncase "$1" in refs/heads/*) echo '${reason}'; exit 1;; esac\n`);
      await chmod(hook, 0o755);
    },
  };
  let dirs = 0;
  return {
    workspace: new GitWorkspace(options),
    forge: new GitForge(options),
    remote,
    root,
    bare,
    options,
    git,
    notARepository: join(root, 'home'),
    newDir: async () => join(root, `checkout-${String((dirs += 1))}`),
    write: async (dir, path, content) => {
      await mkdir(dirname(join(dir, path)), { recursive: true });
      await writeFile(join(dir, path), content);
    },
    remove: (dir, path) => rm(join(dir, path), { recursive: true }),
    read: (dir, path) => readFile(join(dir, path), 'utf8').catch(() => undefined),
    save: (ref, changes) => commitOn(ref, 'refs/heads/main', changes),
  };
}

/** A world whose remote is behind ssh, as far as git can tell: the program it calls runs the other side right here. */
export async function createSshWorld(files?: Readonly<Record<string, string>>): Promise<GitWorld> {
  const bin = await mkdtemp(join(tmpdir(), 'abca-ssh-'));
  worlds.push(bin);
  const ssh = join(bin, 'ssh');
  await writeFile(ssh, '#!/bin/sh\nfor command; do :; done\nexec sh -c "$command"\n');
  await chmod(ssh, 0o755);
  const environment = { GIT_SSH_COMMAND: ssh, GIT_SSH_VARIANT: 'simple' };
  return createGitWorld(files, {
    cloneUrl: (bare) => `ssh://git@example.invalid${bare}`,
    credentials: () => Promise.resolve({ environment }),
  });
}

export async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

async function shaOf(git: GitWorld['git'], bare: string, ref: string): Promise<string | undefined> {
  return git(bare, 'rev-parse', '--verify', '--quiet', ref).then(
    (text) => text.trim(),
    () => undefined,
  );
}

function personEnvironment(root: string): Record<string, string> {
  return {
    PATH: process.env['PATH'] ?? '',
    HOME: join(root, 'home'),
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_AUTHOR_NAME: 'A Person',
    GIT_AUTHOR_EMAIL: 'person@example.invalid',
    GIT_COMMITTER_NAME: 'A Person',
    GIT_COMMITTER_EMAIL: 'person@example.invalid',
  };
}
