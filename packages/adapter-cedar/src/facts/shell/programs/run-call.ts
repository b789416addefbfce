import type { Call, Handler } from '../machine.ts';
import { programOf } from '../program-name.ts';
import { display, harmless, hasGlob, hasUnknown, globMatches, unknown } from '../text.ts';
import { runFunctionBody } from '../walk.ts';
import { builtins } from './builtins.ts';
import { databaseClients } from './databases.ts';
import { find } from './find.ts';
import { git } from './git.ts';
import { interpreters } from './interpreters.ts';
import { keyMakers } from './key-makers.ts';
import { runOtherProgram } from './other-programs.ts';
import { printers } from './printers.ts';
import { removers } from './removers.ts';
import { shells, writtenText } from './shells.ts';
import { wrappers } from './wrappers.ts';
import { writers } from './writers.ts';
import { xargs } from './xargs.ts';

/** Everything that is known of programs, by name. Null prototype: a program may be called `constructor`. */
const handlers: Readonly<Record<string, Handler | undefined>> = Object.assign(Object.create(null), {
  ...builtins,
  ...databaseClients,
  ...interpreters,
  ...keyMakers,
  ...printers,
  ...removers,
  ...shells,
  ...wrappers,
  ...writers,
  find,
  git,
  hub: git,
  lab: git,
  xargs,
});

/** Programs that a pattern in a program's place is tried against. */
const worthGuessing = ['rm', 'bash', 'sh', 'git', 'psql', 'mysql', 'mv', 'cp', 'tee', 'dd', 'find', 'xargs', 'env'];

/** Read one command: a function of the script, a known program, or one of which only its name is known. */
export function runCall(call: Call): string {
  const name = programOf(call.program);
  if (hasUnknown(name) || name.includes(harmless) || name === '') return runUnknownProgram(call);
  if (hasGlob(name)) return runGuessedProgram(call, name);
  call.machine.facts.programs.add(name);
  const definition = call.scope.findFunction(call.program);
  if (definition !== undefined) return runFunction(call, definition);
  const script = call.program.includes('/') ? writtenText(call, call.program) : undefined;
  if (script !== undefined) return runWritten(call, script);
  const handler = handlers[name] ?? handlers[name.replace(/[\d.]+$/, '')];
  // git finds its subcommands as programs of their own, and so does whoever calls them by their paths.
  if (handler === undefined && name.startsWith('git-'))
    return git({ ...call, program: 'git', args: [name.slice(4), ...call.args] });
  return handler === undefined ? runOtherProgram(call) : handler({ ...call, program: name });
}

function runFunction(call: Call, body: Parameters<typeof runFunctionBody>[0]): string {
  const { scope } = call;
  const before = scope.positional;
  scope.positional = call.args;
  try {
    return runFunctionBody(body, { scope, machine: call.machine, stdin: call.stdin });
  } finally {
    scope.positional = before;
  }
}

/** A file that this very command has written is run as a script of a shell, whatever it is. */
function runWritten({ machine, scope, args }: Call, script: string): string {
  const inner = scope.fork();
  inner.positional = args;
  return machine.runScript(script, inner);
}

function runUnknownProgram({ machine, program, args, scope }: Call): string {
  if (program === '' && args.length === 0) return '';
  machine.facts.doubt(`program ${display(program)}`);
  // An unknown first word may be empty, or another command's wrapper: the rest is judged as a command too.
  if (args.length > 0) machine.runArgv(args, scope.fork());
  return unknown;
}

function runGuessedProgram(call: Call, pattern: string): string {
  call.machine.facts.doubt(`program ${display(pattern)}`);
  for (const name of worthGuessing.filter((candidate) => globMatches(pattern, candidate))) {
    call.machine.runArgv([name, ...call.args], call.scope.fork(), call.stdin);
  }
  return unknown;
}
