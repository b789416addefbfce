import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { demoFiles } from './demo-files.ts';
import { runGit } from './run-git.ts';

/** A repository made for the demo. */
export interface DemoRepo {
  /** The bare repository: the remote that the agent clones and pushes to. */
  readonly path: string;
  /** Commit that main is on. The same at every run. */
  readonly headSha: string;
}

const seconds = 1_767_225_600;
const signature = `ABCA demo <demo@abca.invalid> ${String(seconds)} +0000`;

/**
 * Make `demo.git` in `folder`: one commit on `main` with a package whose test fails.
 *
 * @throws CliError when git is not there or `folder` cannot be written
 */
export async function makeDemoRepo(
  folder: string,
  env: Readonly<Record<string, string | undefined>>,
): Promise<DemoRepo> {
  const path = join(folder, 'demo.git');
  await mkdir(path, { recursive: true });
  const run = { cwd: path, env };
  await runGit(['init', '--quiet', '--bare', '--initial-branch=main', '.'], run);
  await runGit(['fast-import', '--quiet'], { ...run, input: firstCommit() });
  return { path, headSha: (await runGit(['rev-parse', 'main'], run)).trim() };
}

/** The commit in git's fast-import format: no working copy is needed. @see https://git-scm.com/docs/git-fast-import */
function firstCommit(): string {
  const files = Object.entries(demoFiles).map(([path, content]) => `M 100644 inline ${path}\n${data(content)}`);
  return `commit refs/heads/main\nauthor ${signature}\ncommitter ${signature}\n${data('A package with a bug\n')}${files.join('')}`;
}

function data(content: string): string {
  return `data ${String(Buffer.byteLength(content))}\n${content}\n`;
}
