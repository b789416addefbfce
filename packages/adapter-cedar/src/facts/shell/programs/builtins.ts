import { absolutePath, homeOf } from '../../path-facts.ts';
import type { Call, Handler } from '../machine.ts';
import { parseArgs } from '../options.ts';
import { runCommandVariable } from '../simple-command.ts';
import { hasUnknown, unknown } from '../text.ts';

/** Change the current folder of the call's scope. */
export function cd(call: Call): string {
  const { scope, machine } = call;
  const [target] = parseArgs(call.args).operands;
  if (target === '-' || (target === undefined && call.args.includes('-'))) scope.changeFolder(scope.previousCwds);
  else scope.changeFolder(target === undefined ? [homeOf(machine.where)] : foldersOf(call));
  return '';
}

/** Every folder that the operands name: several of them are alternatives of one word. */
function foldersOf({ args, scope }: Call): readonly string[] {
  return parseArgs(args).operands.flatMap((target) => {
    if (hasUnknown(target)) return [unknown];
    return scope.cwds.map((cwd) =>
      cwd.startsWith('/') || target.startsWith('/') ? absolutePath(target, cwd) : unknown,
    );
  });
}

function popd({ scope }: Call): string {
  scope.changeFolder(scope.previousCwds);
  return '';
}

/** export, declare, local, readonly: the assignments among the words. One word with alternatives comes several times. */
function declare({ args, scope, machine }: Call): string {
  const values = new Map<string, string[]>();
  for (const arg of args) {
    const [, name, value] = /^([A-Za-z_][A-Za-z0-9_]*)\+?=(.*)$/s.exec(arg) ?? [];
    if (name === undefined || value === undefined) continue;
    values.set(name, [...(values.get(name) ?? []), value]);
  }
  for (const [name, texts] of values) {
    scope.assign(name, texts);
    runCommandVariable(name, texts, { scope, machine });
  }
  return '';
}

/** Aliases run later, if ever: their text is judged now. */
function alias({ args, scope, machine }: Call): string {
  for (const arg of args.filter((word) => word.includes('='))) {
    machine.runScript(arg.slice(arg.indexOf('=') + 1), scope.fork());
  }
  return '';
}

function read(call: Call): string {
  const { operands } = parseArgs(call.args, { valued: ['d', 'n', 'N', 'p', 't', 'u', 'i', 'a'] });
  const lines = (call.stdin ?? unknown).split(/[\n\0]+/).filter((line) => line !== '');
  const values = lines.flatMap((line) => [line, ...line.trim().split(/\s+/)]);
  for (const name of operands.length === 0 ? ['REPLY'] : operands) call.scope.assign(name, values);
  return '';
}

function readArray(call: Call): string {
  const { operands } = parseArgs(call.args, { valued: ['d', 'n', 'O', 's', 'u', 'C', 'c'] });
  const values = (call.stdin ?? unknown).split('\n').filter((line) => line !== '');
  call.scope.assign(operands[0] ?? 'MAPFILE', values);
  return '';
}

function unset({ args, scope }: Call): string {
  for (const name of args) scope.assign(name, ['']);
  return '';
}

function set({ args, scope }: Call): string {
  const start = args.indexOf('--');
  if (start >= 0) scope.positional = args.slice(start + 1);
  return '';
}

function shift({ args, scope }: Call): string {
  scope.positional = scope.positional.slice(Number(args[0] ?? '1') || 1);
  return '';
}

/** What changes the shell itself. */
export const builtins: Readonly<Record<string, Handler>> = {
  cd,
  pushd: cd,
  popd,
  export: declare,
  declare,
  typeset: declare,
  local: declare,
  readonly: declare,
  alias,
  read,
  mapfile: readArray,
  readarray: readArray,
  unset,
  set,
  shift,
};
