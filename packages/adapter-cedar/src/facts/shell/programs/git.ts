import { absolutePath } from '../../path-facts.ts';
import type { Call } from '../machine.ts';
import { parseArgs, type ParsedArgs } from '../options.ts';
import { display, harmless, hasUnknown, unknown } from '../text.ts';
import { notePush } from './git-push.ts';

const globalValued = ['C', 'c', 'git-dir', 'work-tree', 'namespace', 'super-prefix', 'config-env', 'attr-source'];
const commandKeys =
  /command|pager|editor|askpass|helper|external|textconv|cmd|driver|hookspath|fsmonitor|gitproxy|program/i;

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
  for (const folder of globals.values('C')) call.machine.runArgv(['cd', folder], inner.scope);
  const aliases = readSettings(inner, globals.values('c'));
  const [subcommand = '', ...args] = globals.operands;
  if (hasUnknown(subcommand)) call.machine.facts.doubt(`git ${display(subcommand)}`);
  const alias = aliases.get(subcommand);
  if (alias !== undefined) return runAlias(inner, alias, args);
  return runSubcommand(inner, subcommand, args);
}

/** `-c key=value`: values that git runs are judged as commands. Returns the aliases. */
function readSettings({ machine, scope }: Call, settings: readonly string[]): ReadonlyMap<string, string> {
  const aliases = new Map<string, string>();
  for (const setting of settings) {
    const [key = '', ...rest] = setting.split('=');
    const value = rest.join('=');
    const [, alias] = /^alias\.(.+)$/i.exec(key) ?? [];
    if (alias !== undefined) aliases.set(alias, value);
    else if (commandKeys.test(key)) machine.runScript(value.replace(/^!/, ''), scope.fork());
  }
  return aliases;
}

function runAlias({ machine, scope, stdin }: Call, alias: string, args: readonly string[]): string {
  if (alias.startsWith('!')) return machine.runScript(`${alias.slice(1)} ${args.join(' ')}`, scope.fork(), stdin);
  return machine.runArgv(['git', ...alias.trim().split(/\s+/), ...args], scope.fork(), stdin);
}

function runSubcommand(call: Call, subcommand: string, words: readonly string[]): string {
  const { facts, where } = call.machine;
  if (subcommand === 'push') notePush(call, words);
  if (changes.has(subcommand) || (subcommand === 'checkout' && words.includes('--')))
    noteChange(call, subcommand, words);
  runGivenCommands(call, subcommand, words);
  if (subcommand === 'config') runConfigured(call, parseArgs(words));
  if (subcommand === 'rev-parse') return revParse(words, absolutePath(where.workspaceDir, '/'));
  if (listings.has(subcommand)) return `./${harmless}\n`;
  if (subcommand === '') facts.doubt('git without a subcommand');
  return names.has(subcommand) ? harmless : unknown;
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

/** `git config alias.x '!code'` and settings that git will run. */
function runConfigured({ machine, scope }: Call, { operands }: ParsedArgs): void {
  const [key = '', value] = operands[0] === 'set' ? operands.slice(1) : operands;
  if (value === undefined) return;
  if (value.startsWith('!') || commandKeys.test(key)) machine.runScript(value.replace(/^!/, ''), scope.fork());
}

function revParse(words: readonly string[], root: string): string {
  const path = words.indexOf('--git-path');
  if (path >= 0) return `${root}/.git/${words[path + 1] ?? ''}`;
  if (words.some((word) => /^--(?:git-dir|absolute-git-dir|git-common-dir)$/.test(word))) return `${root}/.git`;
  if (words.includes('--show-toplevel')) return root;
  return words.includes('--show-cdup') ? root : harmless;
}
