import { posix } from 'node:path';
import { kindsOf, type PathKind } from './path-kinds.ts';

/** Where a tool call happens. Paths are judged as text: nothing is read from the disk, links are not followed. */
export interface Workplace {
  /** Absolute path of the checkout. */
  readonly workspaceDir: string;
  /** HOME of the agent's shell; `~` stands for it where it is not known. */
  readonly homeDir?: string;
}

/** What policies know of one path. */
export interface PathFacts {
  /** Relative to the checkout, normalized, `.` for the checkout itself; starts with `../` or `~` outside of it. */
  readonly repoRelative: string;
  /** Last component; empty for the checkout itself. */
  readonly basename: string;
  readonly escapesRepo: boolean;
  /** What the file is by its name, sorted. */
  readonly kinds: readonly PathKind[];
}

/** What HOME is called where it is not known: an absolute path that no machine has. */
const unknownHome = '/~';

// Characters that HFS+ ignores in names, and what NTFS and FAT call `.git`: git itself refuses all of them.
const ignoredInNames = /[\u200c-\u200f\u202a-\u202e\u206a-\u206f\ufeff]/g;
const gitDirectory = /^(?:\.git|git~\d+)[ .]*(?::.*)?$/i;

/** HOME as the facts spell it. */
export function homeOf(where: Workplace): string {
  return where.homeDir === undefined ? unknownHome : posix.normalize(where.homeDir);
}

/** `path` with every spelling of a `.git` component written `.git`. */
export function canonicalGit(path: string): string {
  if (!/git/i.test(path.replaceAll(ignoredInNames, ''))) return path;
  return path
    .split('/')
    .map((component) => (gitDirectory.test(component.replaceAll(ignoredInNames, '')) ? '.git' : component))
    .join('/');
}

/** Absolute, normalized form of `path` as seen from `cwd`, without a trailing slash. */
export function absolutePath(path: string, cwd: string): string {
  const joined = path.startsWith('/') ? path : `${cwd}/${path}`;
  const normal = posix.normalize(joined).replace(/^\/\//, '/');
  return normal.length > 1 ? normal.replace(/\/+$/, '') : normal;
}

/** An absolute path as the facts spell it: repo-relative inside the checkout, `~` for HOME, else with `../`. */
export function repoRelative(absolute: string, where: Workplace): string {
  const root = absolutePath(where.workspaceDir, '/');
  const inside = posix.relative(root, absolute);
  if (inside === '') return '.';
  if (!isOutside(inside)) return canonicalGit(inside);
  const fromHome = posix.relative(homeOf(where), absolute);
  if (fromHome === '') return '~';
  return canonicalGit(isOutside(fromHome) ? inside : `~/${fromHome}`);
}

/** The facts of a path that a tool was given, relative to the checkout where it is not absolute. */
export function pathFacts(path: string, where: Workplace): PathFacts {
  return factsOfAbsolute(absolutePath(expandTilde(path.trim(), where), where.workspaceDir), where);
}

/** The facts of an absolute, normalized path. */
export function factsOfAbsolute(absolute: string, where: Workplace): PathFacts {
  return factsOfRelative(repoRelative(absolute, where));
}

/** The facts of a path that is spelled as {@link repoRelative} spells it. */
export function factsOfRelative(relative: string): PathFacts {
  const basename = relative === '.' ? '' : posix.basename(relative);
  return {
    repoRelative: relative,
    basename,
    kinds: kindsOf(relative, basename),
    escapesRepo: isOutside(relative) || relative === '~' || relative.startsWith('~/'),
  };
}

function expandTilde(path: string, where: Workplace): string {
  return path === '~' || path.startsWith('~/') ? homeOf(where) + path.slice(1) : path;
}

function isOutside(relative: string): boolean {
  return relative === '..' || relative.startsWith('../');
}
