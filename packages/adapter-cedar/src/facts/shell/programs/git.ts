import { absolutePath } from '../../path-facts.ts';
import type { Call } from '../machine.ts';
import { parseArgs } from '../options.ts';
import { recordPatched } from '../patches.ts';
import { recordWrite } from '../targets.ts';
import { display, harmless, unknown } from '../text.ts';
import { cd } from './builtins.ts';
import { gitSubcommands } from './git-names.ts';
import { notePush } from './git-push.ts';
import { readSettings, runAlias, runConfig } from './git-settings.ts';

const globalValued = ['C', 'c', 'git-dir', 'work-tree', 'namespace', 'super-prefix', 'config-env', 'attr-source'];

const tellsItself = /^(?:-v|-h|--(?:version|help|exec-path|html-path|man-path|info-path))$/;

/** Subcommands that change the work tree or history by the agent's own doing. */
const changes = new Set(
  'add am apply cherry-pick clean clone commit filter-branch merge mv pull push rebase reset restore revert rm stash tag update-ref worktree'.split(
    ' ',
  ),
);
const listings = new Set(['ls-files', 'diff', 'grep', 'status', 'ls-tree', 'show', 'diff-tree']);
const names = new Set(['branch', 'describe', 'symbolic-ref', 'merge-base', 'rev-list', 'rev-parse', 'hash-object']);

/** `git`, with the options before its subcommand, aliases, and the commands it is told to run. */
export function git(call: Call): string {
  const globals = parseArgs(call.args, { valued: globalValued, stopAtOperand: true });
  const inner = { ...call, scope: call.scope.fork() };
  for (const folder of globals.values('C')) cd({ ...inner, args: [folder] });
  const aliases = readSettings(inner, globals.values('c'));
  const [subcommand = '', ...args] = globals.operands;
  const alias = aliases.get(subcommand);
  if (alias !== undefined) return runAlias(inner, alias, args);
  if (
    globals.has('config-env') ||
    globals.values('exec-path').length > 0 ||
    (subcommand !== '' && !gitSubcommands.has(subcommand))
  ) {
    call.machine.facts.doubt(`git ${display(subcommand)}`);
  }
  return runSubcommand(inner, subcommand, args);
}

function runSubcommand(call: Call, subcommand: string, words: readonly string[]): string {
  const { facts, where } = call.machine;
  notePushes(call, subcommand, words);
  if (changes.has(subcommand) || (subcommand === 'checkout' && words.includes('--')))
    noteChange(call, subcommand, words);
  runGivenCommands(call, subcommand, words);
  if (subcommand === 'config') runConfig(call, words);
  noteFiles(call, subcommand, words);
  if (subcommand === 'rev-parse') return revParse(words, absolutePath(where.workspaceDir, '/'));
  if (listings.has(subcommand)) return `./${harmless}\n`;
  if (subcommand === '' && !call.args.some((arg) => tellsItself.test(arg))) facts.doubt('git without a subcommand');
  return names.has(subcommand) ? harmless : unknown;
}

/** Subcommands that change branches of a remote. */
function notePushes(call: Call, subcommand: string, words: readonly string[]): void {
  const [first = ''] = words;
  if (subcommand === 'push' || subcommand === 'send-pack') notePush(call, words);
  if (subcommand === 'subtree' && words.includes('push'))
    notePush(
      call,
      words.filter((word) => word !== 'push'),
    );
  if (subcommand === 'svn' && first === 'dcommit') notePush(call, []);
  if (subcommand === 'remote' && first === 'add' && words.some((word) => /^--mirror(?:=push)?$/.test(word)))
    notePush(call, ['--mirror']);
  if (subcommand === 'for-each-repo')
    call.machine.runArgv(
      ['git', ...parseArgs(words, { valued: ['config'], stopAtOperand: true }).operands],
      call.scope.fork(),
    );
}

/** Files of the work tree that a subcommand names and changes. */
function noteFiles(call: Call, subcommand: string, words: readonly string[]): void {
  const args = parseArgs(words, { valued: ['s', 'source', 'b', 'B', 'o', 'output'] });
  const dashes = words.indexOf('--');
  if (subcommand === 'rm' && !args.has('cached')) for (const file of args.operands) recordWrite(call, file);
  if (subcommand === 'mv' || (subcommand === 'restore' && (!args.has('staged', 'S') || args.has('worktree', 'W'))))
    for (const file of args.operands) recordWrite(call, file);
  if (subcommand === 'checkout' && dashes >= 0) for (const file of words.slice(dashes + 1)) recordWrite(call, file);
  if (subcommand === 'apply' || subcommand === 'am') recordPatched(call);
  const isExport = subcommand === 'archive' || subcommand === 'format-patch' || subcommand === 'diff';
  for (const file of args.values('output', ...(isExport ? ['o'] : []))) recordWrite(call, file);
  if (subcommand === 'bundle' && args.operands[0] === 'create') recordWrite(call, args.operands[1] ?? '');
}

function noteChange({ machine }: Call, subcommand: string, words: readonly string[]): void {
  const lists =
    (subcommand === 'stash' || subcommand === 'worktree' || subcommand === 'tag') &&
    /^(?:list|show|-l|--list)$/.test(words[0] ?? '');
  const dry = words.includes('--dry-run') || words.includes('--check') || words.includes('--stat');
  if (!lists && !dry) machine.facts.writes.add('.');
}

/** Commands in the words of a subcommand. */
function runGivenCommands({ machine, scope }: Call, subcommand: string, words: readonly string[]): void {
  const run = (code: string | undefined): void => {
    if (code !== undefined && code !== '') machine.runScript(code, scope.fork());
  };
  const [first, second] = words;
  const afterOptions = words.slice(1).filter((word) => !/^--?(?:recursive|quiet|q)$/.test(word));
  if (subcommand === 'submodule' && first === 'foreach') run(afterOptions.join(' '));
  if (subcommand === 'bisect' && first === 'run') machine.runArgv(words.slice(1), scope.fork());
  if (subcommand === 'filter-branch') for (const code of valuesAfter(words, /^--(?:\w+)-filter$/)) run(code);
  if (subcommand === 'rebase') for (const code of valuesAfter(words, /^(?:-x|--exec)$/)) run(code);
  if (subcommand === 'difftool') for (const code of valuesAfter(words, /^(?:-x|--extcmd)$/)) run(code);
  for (const code of valuesAfter(words, /^(?:--upload-pack|--receive-pack|-u)$/)) if (subcommand !== 'push') run(code);
  if (subcommand === 'worktree' && first === 'remove') run(`rm -rf -- '${second ?? ''}'`);
}

function valuesAfter(words: readonly string[], option: RegExp): readonly string[] {
  return words.flatMap((word, index) => {
    const [name = '', ...value] = word.split('=');
    if (!option.test(name)) return [];
    return value.length > 0 ? [value.join('=')] : [words[index + 1] ?? ''];
  });
}

function revParse(words: readonly string[], root: string): string {
  const path = words.indexOf('--git-path');
  if (path >= 0) return `${root}/.git/${words[path + 1] ?? ''}`;
  if (words.some((word) => /^--(?:git-dir|absolute-git-dir|git-common-dir)$/.test(word))) return `${root}/.git`;
  if (words.includes('--show-toplevel')) return root;
  return words.includes('--show-cdup') ? root : harmless;
}
