import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

export interface OwnGitFolder {
  /** Folder to make; what was there is replaced. */
  readonly gitDir: string;
  /** Length of a sha tells the hash function: 64 digits for SHA-256. */
  readonly shaLength: number;
  /** Object folder of another repository, to read from. */
  readonly borrowFrom?: string;
}

/**
 * A git folder of the platform's own, with a configuration made here and nothing else in it.
 *
 * Operations on files that an agent could write never use the agent's `.git` folder as their git folder: its configuration
 * can name programs (filters, credential helpers, an ssh command, a rewritten address) that git would run for us.
 */
export async function makeOwnGitFolder(folder: OwnGitFolder): Promise<string> {
  const { gitDir } = folder;
  await rm(gitDir, { recursive: true, force: true });
  await mkdir(join(gitDir, 'refs'), { recursive: true, mode: 0o700 });
  await mkdir(join(gitDir, 'objects', 'info'), { recursive: true });
  await writeFile(join(gitDir, 'HEAD'), 'ref: refs/heads/none\n');
  await writeFile(join(gitDir, 'config'), configText(folder.shaLength));
  if (folder.borrowFrom !== undefined) {
    await writeFile(join(gitDir, 'objects', 'info', 'alternates'), `${folder.borrowFrom}\n`);
  }
  return gitDir;
}

function configText(shaLength: number): string {
  const sha256 = shaLength === 64;
  const version = `[core]\n\trepositoryformatversion = ${sha256 ? '1' : '0'}\n\tbare = false\n`;
  return sha256 ? `${version}[extensions]\n\tobjectformat = sha256\n` : version;
}
