import { runGit } from './run-git.ts';

/** One file of a comparison. */
export interface ComparedFile {
  readonly filename: string;
  readonly additions: number;
  readonly deletions: number;
}

/** How two commits relate. */
export interface Comparison {
  readonly mergeBase: string;
  readonly aheadBy: number;
  readonly behindBy: number;
  readonly commits: readonly string[];
  readonly files: readonly ComparedFile[];
}

/** Where a repository's refs and commits come from. */
export interface GitData {
  /** Sha by the full name of a ref. */
  refs(): Promise<ReadonlyMap<string, string>>;
  /** @returns `undefined` when one of them is not there, or they have nothing in common */
  compare(base: string, head: string): Promise<Comparison | undefined>;
  setRef(ref: string, sha: string): Promise<void>;
}

/** A bare repository on this machine. */
export class BareRepository implements GitData {
  readonly gitDir: string;

  constructor(gitDir: string) {
    this.gitDir = gitDir;
  }

  async refs(): Promise<ReadonlyMap<string, string>> {
    const lines = (await this.#text('for-each-ref', '--format=%(objectname) %(refname)')).split('\n').filter(Boolean);
    return new Map(lines.map((line) => [line.slice(line.indexOf(' ') + 1), line.slice(0, line.indexOf(' '))]));
  }

  async compare(base: string, head: string): Promise<Comparison | undefined> {
    const mergeBase = (await this.#text('merge-base', base, head)).trim();
    if (mergeBase === '') return undefined;
    const count = async (range: string): Promise<string[]> =>
      (await this.#text('rev-list', '--reverse', range)).split('\n').filter(Boolean);
    const [ahead, behind, stat] = await Promise.all([
      count(`${base}..${head}`),
      count(`${head}..${base}`),
      this.#text('diff', '--numstat', '--find-renames', '-z', mergeBase, head),
    ]);
    return {
      mergeBase,
      aheadBy: ahead.length,
      behindBy: behind.length,
      commits: ahead,
      files: parseNumstat(stat),
    };
  }

  async setRef(ref: string, sha: string): Promise<void> {
    await this.#text('update-ref', ref, sha);
  }

  async #text(...args: readonly string[]): Promise<string> {
    return (await runGit(['-C', this.gitDir, ...args])).stdout.toString();
  }
}

/** Refs in memory, for tests that need no commits. Every two commits have one and no file between them. */
export class RefsInMemory implements GitData {
  readonly #refs: Map<string, string>;

  constructor(refs: Readonly<Record<string, string>>) {
    this.#refs = new Map(Object.entries(refs));
  }

  refs(): Promise<ReadonlyMap<string, string>> {
    return Promise.resolve(this.#refs);
  }

  compare(base: string, head: string): Promise<Comparison | undefined> {
    const commits = base === head ? [] : [head];
    return Promise.resolve({ mergeBase: base, aheadBy: commits.length, behindBy: 0, commits, files: [] });
  }

  setRef(ref: string, sha: string): Promise<void> {
    this.#refs.set(ref, sha);
    return Promise.resolve();
  }
}

/** Reads `1\t2\tpath\0`, or `1\t2\t\0from\0to\0` for a renamed file; `-` for a binary one. */
function parseNumstat(text: string): ComparedFile[] {
  const fields = text.split('\0');
  const files: ComparedFile[] = [];
  for (let at = 0; at < fields.length - 1; at += 1) {
    const [additions = '', deletions = '', path = ''] = (fields[at] ?? '').split('\t');
    const renamedTo = path === '' ? fields[(at += 2)] : path;
    files.push({ filename: renamedTo ?? '', additions: Number(additions) || 0, deletions: Number(deletions) || 0 });
  }
  return files;
}
