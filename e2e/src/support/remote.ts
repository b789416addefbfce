import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** A bare repository that stands for the remote. */
export interface Remote {
  readonly path: string;
  /** Run git in it. @returns standard output, trimmed */
  git(...args: readonly string[]): string;
  /** Full names of the refs that start with `prefix`. */
  refs(prefix: string): readonly string[];
}

const identity = ['-c', 'user.name=Test', '-c', 'user.email=test@example.invalid', '-c', 'init.defaultBranch=main'];

/** Make a bare repository `dir/remote.git` whose `main` holds `files`, or which holds no commit. */
export function makeRemote(
  dir: string,
  files: Readonly<Record<string, string>> | 'none' = { 'README.md': '# Shop\n' },
): Remote {
  const path = join(dir, 'remote.git');
  const git = (cwd: string, ...args: readonly string[]): string =>
    execFileSync('git', [...identity, ...args], {
      cwd,
      encoding: 'utf8',
      env: { PATH: process.env['PATH'], HOME: dir, GIT_CONFIG_NOSYSTEM: '1' },
    }).trim();
  mkdirSync(dir, { recursive: true });
  git(dir, 'init', '--quiet', '--bare', path);
  if (files !== 'none') {
    const work = join(dir, 'seed');
    git(dir, 'init', '--quiet', work);
    git(work, 'remote', 'add', 'origin', path);
    for (const [name, content] of Object.entries(files)) {
      mkdirSync(dirname(join(work, name)), { recursive: true });
      writeFileSync(join(work, name), content);
    }
    git(work, 'add', '.');
    git(work, 'commit', '--quiet', '-m', 'first');
    git(work, 'push', '--quiet', 'origin', 'HEAD:main');
  }
  return {
    path,
    git: (...args) => git(path, ...args),
    refs: (prefix) =>
      git(path, 'for-each-ref', '--format=%(refname)', prefix)
        .split('\n')
        .filter((name) => name !== ''),
  };
}
