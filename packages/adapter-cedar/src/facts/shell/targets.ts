import { absolutePath, homeOf, repoRelative } from '../path-facts.ts';
import type { Call } from './machine.ts';
import { tellingNames } from './telling-names.ts';
import { anyOne, display, globMatches, harmless, hasGlob, hasUnknown, star, unknown } from './text.ts';

/** Devices that swallow or show what is written to them. */
const harmlessDevices = /^\/dev\/(?:null|stdout|stderr|tty|zero|full|fd\/\d+)$/;

/** PATH_MAX of Linux. */
const maxPathChars = 4096;

/** The absolute paths that a word may name. A doubt is noted where a part of it is not known. */
export function resolvePaths(call: Call, given: string): readonly string[] {
  const { scope, machine } = call;
  const word = given.length > maxPathChars ? unknown : given;
  if (hasUnknown(word)) machine.facts.doubt(`path ${display(word)} of ${call.program}`);
  return scope.cwds.map((cwd) => {
    if (!word.startsWith('/') && hasUnknown(cwd)) machine.facts.doubt('the current folder is not known');
    return absolutePath(word, cwd.startsWith('/') ? cwd : `/${unknown}`);
  });
}

/** The absolute paths of a word of which all is known, where the current folder is. */
export function pathsOf({ scope }: Call, word: string): readonly string[] {
  return scope.cwds.filter((cwd) => cwd.startsWith('/') || word.startsWith('/')).map((cwd) => absolutePath(word, cwd));
}

/** Note that the command writes to the path of `word`. */
export function recordWrite(call: Call, word: string): void {
  if (word === '' || word === '-') return;
  for (const path of resolvePaths(call, word)) addWrite(call, path);
}

/** Note that the command writes a file of HOME, by its path from there. */
export function recordWriteInHome(call: Call, path: string): void {
  addWrite(call, absolutePath(path, homeOf(call.machine.where)));
}

/** Note that the command removes the path of `word`. */
export function recordRemoval(call: Call, word: string, recursive: boolean): void {
  const { facts, where } = call.machine;
  for (const path of resolvePaths(call, word)) {
    const target = removalTarget(call, path);
    facts.removal.targets.add(target);
    addWrite(call, path);
    if (!recursive) continue;
    if (mayBeWide(word) || word.length > maxPathChars) facts.suspect('rm_slash');
    // Removing everything has a rule of its own, which says more than that .git goes too.
    if (!everything.has(target) && holdsGitFolder(path, where.workspaceDir)) facts.writes.add('.git');
  }
}

const everything: ReadonlySet<string> = new Set(['/', '/*', '~', '~/*']);

function addWrite(call: Call, path: string): void {
  if (harmlessDevices.test(path)) return;
  const { facts, where } = call.machine;
  facts.writes.add(display(repoRelative(matchGitFolder(path), where)));
  const at = path.lastIndexOf('/') + 1;
  if (!hasGlob(path.slice(at))) return;
  for (const name of tellingNames(path.slice(at)))
    facts.writes.add(display(repoRelative(path.slice(0, at) + name, where)));
}

/** Whether a path is inside a `.git` folder, or is one. */
export function isInGit(path: string): boolean {
  return matchGitFolder(path).split('/').includes('.git');
}

/** The path in which a glob that matches `.git` is written `.git`. */
function matchGitFolder(path: string): string {
  if (!hasGlob(path)) return path;
  return path
    .split('/')
    .map((component) => (hasGlob(component) && globMatches(component, '.git') ? '.git' : component))
    .join('/');
}

/** Whether removing the path recursively takes the checkout's `.git` with it. */
function holdsGitFolder(path: string, workspaceDir: string): boolean {
  const whole = [...componentsOf(absolutePath(workspaceDir, '/')), '.git'];
  const components = componentsOf(path);
  return components.length <= whole.length && components.every((part, index) => matches(part, whole[index] ?? ''));
}

function componentsOf(path: string): readonly string[] {
  return path.split('/').filter((component) => component !== '');
}

function matches(component: string, name: string): boolean {
  return component === name || (hasGlob(component) && globMatches(component, name));
}

/** Whether nothing narrows a word that is not known down to a folder below the root. */
function mayBeWide(word: string): boolean {
  // No wide folder's name ends in a dot and letters.
  if (/\.(?!git$)[A-Za-z0-9]+$/i.test(word)) return false;
  return word.startsWith('/') ? hasUnknown(word.split('/')[1] ?? '') : hasUnknown(word.slice(0, 1));
}

/** Inside the checkout relative, `~` for HOME, else absolute; wildcards that mean a whole folder as `/*`. */
function removalTarget({ machine }: Call, path: string): string {
  const whole = path.replace(wholeFolder, '/*').replace(belowRoot, '/*');
  const relative = repoRelative(path, machine.where);
  if (relative.startsWith('~')) return display(whole.replace(homeOf(machine.where), '~'));
  return display(relative.startsWith('..') ? whole : relative);
}

/** Trailing components that match every name: `/*`, `/.*`, and several of these. */
const wholeFolder = new RegExp(`(?:/\\.?${star}+)+$`);
/** A pattern for folders right below the root. */
const belowRoot = new RegExp(`^/[^/${harmless}]*[${star}${anyOne}][^/]*$`);
