import { absolutePath } from '../../path-facts.ts';
import type { Call } from '../machine.ts';
import { recordRemoval, recordWrite } from '../targets.ts';
import { globToMarks, harmless, hasUnknown, star } from '../text.ts';

const pathTests = new Set(['-path', '-ipath', '-wholename', '-iwholename', '-regex', '-iregex']);
const nameTests = new Set(['-name', '-iname', '-lname', '-ilname']);
const runs = new Set(['-exec', '-execdir', '-ok', '-okdir']);

interface Search {
  readonly starts: readonly string[];
  /** What the tests say of paths; without any, all paths are found. */
  readonly names: readonly string[];
  readonly paths: readonly string[];
  readonly skipsGit: boolean;
  readonly isNarrowed: boolean;
  /** Whether folders, the start itself among them, are left out. */
  readonly onlyFiles: boolean;
}

/** `find`: prints and acts on the paths that its tests leave. */
export function find(call: Call): string {
  const firstTest = call.args.findIndex((arg) => /^[-(!]/.test(arg) && !/^-[HLPO]/.test(arg));
  const starts = (firstTest < 0 ? call.args : call.args.slice(0, firstTest)).filter((arg) => !/^-[HLPO]/.test(arg));
  const expression = firstTest < 0 ? [] : call.args.slice(firstTest);
  const found = foundPaths(call, readSearch(starts.length === 0 ? ['.'] : starts, expression));
  for (const [index, word] of expression.entries()) {
    if (/^-f(?:print0?|printf|ls)$/.test(word)) recordWrite(call, expression[index + 1] ?? '');
  }
  if (expression.includes('-delete')) removeFound(call, found);
  for (const command of commandsOf(expression)) runOnFound(call, command, found);
  return found.map((path) => `${path}\n`).join('');
}

function readSearch(starts: readonly string[], expression: readonly string[]): Search {
  const branches = splitBranches(expression);
  const tests = branches.filter((branch) => !onlyPrunes(branch)).map(testsOf);
  const isNarrowed = tests.length > 0 && tests.every(({ names, paths }) => names.length + paths.length > 0);
  return {
    starts,
    names: tests.flatMap(({ names }) => names),
    paths: tests.flatMap(({ paths }) => paths),
    skipsGit: branches.some(excludesGit),
    isNarrowed,
    onlyFiles: expression.some((word, index) => word === 'f' && expression[index - 1] === '-type'),
  };
}

function splitBranches(expression: readonly string[]): readonly (readonly string[])[] {
  const branches: string[][] = [[]];
  for (const word of expression) {
    if (word === '-o' || word === '-or' || word === ',') branches.push([]);
    else branches.at(-1)?.push(word);
  }
  return branches;
}

function testsOf(branch: readonly string[]): { names: readonly string[]; paths: readonly string[] } {
  const positive = branch.filter((word, index) => !isNegated(branch, index - 1) && word !== '' && !isAll(word));
  const after = (tests: ReadonlySet<string>): readonly string[] =>
    positive.filter((word) => tests.has(branch[branch.indexOf(word) - 1] ?? '')).map(globToMarks);
  return { names: after(nameTests), paths: after(pathTests) };
}

/** A branch that keeps the search out of folders, and does nothing else. */
function onlyPrunes(branch: readonly string[]): boolean {
  return branch.includes('-prune') && !branch.some((word) => runs.has(word) || /^-(?:delete|print0?|ls)$/.test(word));
}

function isAll(pattern: string): boolean {
  return /^[*?./]*\*[*?./]*$/.test(pattern);
}

function isNegated(branch: readonly string[], at: number): boolean {
  const before = branch[at - 1];
  return before === '!' || before === '-not';
}

/** Whether a branch keeps the search out of `.git`: a negated test, or a pruned one. */
function excludesGit(branch: readonly string[]): boolean {
  const prunes = branch.includes('-prune');
  return branch.some((word, index) => {
    const test = branch[index - 1] ?? '';
    if (!pathTests.has(test) && !nameTests.has(test)) return false;
    return (prunes || isNegated(branch, index - 1)) && /(?:^|[/*])\.git(?:$|[/*])/.test(word);
  });
}

function foundPaths(call: Call, search: Search): readonly string[] {
  return search.starts.flatMap((start) => {
    const named = search.names.map((name) => `${start}/${name}`);
    const matched = search.paths.map((path) => (path.startsWith(star) ? `${start}/${path}` : path));
    if (search.isNarrowed) return [...named, ...matched];
    const itself = search.onlyFiles ? [] : [start];
    return [...itself, `${start}/${harmless}`, ...(search.skipsGit ? [] : gitFolderBelow(call, start))];
  });
}

/** The checkout's `.git` where an unrestricted search comes upon it. */
function gitFolderBelow({ scope, machine }: Call, start: string): readonly string[] {
  const root = absolutePath(machine.where.workspaceDir, '/');
  const holds = scope.cwds.some((cwd) => {
    const from = absolutePath(start, cwd.startsWith('/') ? cwd : '/');
    return from === '/' || root === from || root.startsWith(`${from}/`);
  });
  return holds ? [`${root}/.git/${harmless}`] : [];
}

function removeFound(call: Call, found: readonly string[]): void {
  const { removal } = call.machine.facts;
  removal.present = true;
  removal.recursive = true;
  removal.force = true;
  const unrestricted = found.some((path) => path.endsWith(`/${harmless}`));
  for (const path of found) recordRemoval(call, path, unrestricted || hasUnknown(path));
}

function commandsOf(expression: readonly string[]): readonly (readonly string[])[] {
  return expression.flatMap((word, index) => {
    if (!runs.has(word)) return [];
    const rest = expression.slice(index + 1);
    const end = rest.findIndex((part) => part === ';' || part === '+');
    return [end < 0 ? rest : rest.slice(0, end)];
  });
}

function runOnFound({ machine, scope }: Call, command: readonly string[], found: readonly string[]): void {
  for (const path of found) {
    const argv = command.map((word) => word.replaceAll('{}', () => path));
    machine.runArgv(argv, scope.fork());
  }
}
