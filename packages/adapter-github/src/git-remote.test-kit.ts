import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const roots: string[] = [];

/** For `afterAll`. */
export async function removeRemotes(): Promise<void> {
  await Promise.all(roots.splice(0).map((root) => rm(root, { recursive: true, force: true })));
}

/** A bare repository in a temporary folder, written past every port. */
export interface GitRemote {
  readonly root: string;
  readonly gitDir: string;
  git(...args: readonly string[]): Promise<string>;
  sha(ref: string): Promise<string | undefined>;
  files(ref: string): Promise<Readonly<Record<string, string>> | undefined>;
  /** A commit with these files on a ref, which starts at `main` when it is new. */
  commit(ref: string, files: Readonly<Record<string, string>>): Promise<string>;
}

/** @param files the first commit on `main`; without them the repository is empty */
export async function createGitRemote(files?: Readonly<Record<string, string>>): Promise<GitRemote> {
  const root = await mkdtemp(join(tmpdir(), 'abca-github-'));
  roots.push(root);
  const gitDir = join(root, 'remote.git');
  const environment = personEnvironment(root);
  const inDir = async (args: readonly string[], env = environment): Promise<string> =>
    (await run('git', ['-C', gitDir, ...args], { env, maxBuffer: 1 << 26 })).stdout;
  await run('git', ['init', '--quiet', '--bare', '--template=', '-b', 'main', gitDir], { env: environment });

  const git: GitRemote['git'] = (...args) => inDir(args);
  const sha: GitRemote['sha'] = (ref) =>
    git('rev-parse', '--verify', '--quiet', ref).then(
      (text) => text.trim(),
      () => undefined,
    );
  const commit: GitRemote['commit'] = async (ref, changes) => {
    const parent = (await sha(ref)) ?? (await sha('refs/heads/main'));
    const index = { ...environment, GIT_INDEX_FILE: join(root, 'index') };
    await inDir(parent === undefined ? ['read-tree', '--empty'] : ['read-tree', parent], index);
    // All files at once: git is started twice, not twice for each.
    const paths = Object.keys(changes);
    const blobs = paths.map((_, at) => join(root, `blob-${String(at)}`));
    await Promise.all(Object.values(changes).map((content, at) => writeFile(blobs[at] ?? '', content)));
    const hashes =
      paths.length === 0 ? [] : (await git('hash-object', '-w', '--no-filters', '--', ...blobs)).split('\n');
    const entries = paths.flatMap((path, at) => ['--cacheinfo', `100644,${hashes[at] ?? ''},${path}`]);
    if (paths.length > 0) await inDir(['update-index', '--add', ...entries], index);
    const tree = (await inDir(['write-tree'], index)).trim();
    const parents = parent === undefined ? [] : ['-p', parent];
    const made = (await git('commit-tree', tree, ...parents, '-m', 'by a person')).trim();
    await git('update-ref', ref, made);
    return made;
  };
  const list: GitRemote['files'] = async (ref) => {
    if ((await sha(ref)) === undefined) return undefined;
    const paths = (await git('ls-tree', '-r', '-z', '--name-only', ref)).split('\0').filter(Boolean);
    const entries = paths.map(async (path) => [path, await git('show', `${ref}:${path}`)] as const);
    return Object.fromEntries(await Promise.all(entries));
  };
  if (files) await commit('refs/heads/main', files);
  return { root, gitDir, git, sha, files: list, commit };
}

function personEnvironment(root: string): Record<string, string> {
  return {
    PATH: process.env['PATH'] ?? '',
    HOME: root,
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_TERMINAL_PROMPT: '0',
    GIT_AUTHOR_NAME: 'A Person',
    GIT_AUTHOR_EMAIL: 'person@example.invalid',
    GIT_COMMITTER_NAME: 'A Person',
    GIT_COMMITTER_EMAIL: 'person@example.invalid',
  };
}
