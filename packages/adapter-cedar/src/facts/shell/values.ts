import { homeOf } from '../path-facts.ts';
import type { Machine } from './machine.ts';
import type { Scope } from './scope.ts';
import { harmless, unknown } from './text.ts';

/** Variables whose text cannot lead anywhere. */
const harmlessVariables = new Set(
  '# ? $ ! - 0 RANDOM SRANDOM SECONDS LINENO BASHPID PPID SHLVL UID EUID USER LOGNAME HOSTNAME EPOCHSECONDS'.split(' '),
);

/** Every value that a variable or parameter may have where it is used. */
export function valuesOf(name: string, scope: Scope, machine: Machine): readonly string[] {
  const positional = positionalValues(name, scope);
  if (positional !== undefined) return positional;
  return scope.find(name) ?? builtInValues(name, scope, machine) ?? [unknown];
}

/** Whether it is certain that nothing has set the variable. */
export function isUnset(name: string, scope: Scope, machine: Machine): boolean {
  if (/^[1-9]/.test(name)) return scope.positional[Number(name) - 1] === undefined;
  return scope.find(name) === undefined && builtInValues(name, scope, machine) === undefined;
}

function positionalValues(name: string, scope: Scope): readonly string[] | undefined {
  if (name === '0' && scope.commandName !== undefined) return [scope.commandName];
  if (name === '@' || name === '*') return [scope.positional.join(' ')];
  return /^[1-9][0-9]*$/.test(name) ? [scope.positional[Number(name) - 1] ?? ''] : undefined;
}

function builtInValues(name: string, scope: Scope, { where }: Machine): readonly string[] | undefined {
  if (harmlessVariables.has(name)) return [harmless];
  switch (name) {
    case 'HOME':
      return [homeOf(where)];
    case 'PWD':
      return scope.cwds;
    case 'OLDPWD':
      return scope.previousCwds;
    case 'TMPDIR':
      return ['/tmp'];
    case 'IFS':
      return [' \t\n'];
    case 'SHELL':
      return ['/bin/bash'];
    default:
      return undefined;
  }
}
