import type { Call, Handler } from '../machine.ts';
import { parseArgs, type OptionRules } from '../options.ts';
import { programOf } from '../program-name.ts';
import { runCommandVariable } from '../simple-command.ts';
import { hasUnknown, unknown } from '../text.ts';
import { cd } from './builtins.ts';

/** How a program that runs another one takes its own words. */
interface WrapperRules extends OptionRules {
  /** Operands before the command, such as the duration of `timeout`. */
  readonly operands?: number;
}

/** A program that runs the command in its words. */
function wraps({ valued = [], operands = 0 }: WrapperRules = {}): Handler {
  return (call) => {
    const args = parseArgs(call.args, { valued, stopAtOperand: true });
    return runWithAssignments(call, args.operands.slice(operands));
  };
}

/** `VAR=value command` as env and sudo take it. */
function runWithAssignments(call: Call, words: readonly string[]): string {
  const { machine, scope, stdin } = call;
  const inner =
    call.program === 'command' || call.program === 'builtin' || call.program === 'exec' ? scope : scope.fork();
  const at = words.findIndex((word) => !/^[A-Za-z_][A-Za-z0-9_]*=/.test(word));
  for (const assignment of at < 0 ? words : words.slice(0, at)) {
    const [name = '', ...value] = assignment.split('=');
    inner.assign(name, [value.join('=')]);
    runCommandVariable(name, [value.join('=')], { scope: inner, machine });
  }
  return at < 0 ? unknown : machine.runArgv(words.slice(at), inner, stdin);
}

function env(call: Call): string {
  const args = parseArgs(call.args, { valued: ['u', 'C', 'S', 'unset', 'chdir', 'split-string'], stopAtOperand: true });
  const inner = { ...call, scope: call.scope.fork() };
  const [folder] = args.values('C', 'chdir');
  if (folder !== undefined) cd({ ...inner, args: [folder] });
  const [split] = args.values('S', 'split-string');
  if (split === undefined) return runWithAssignments(inner, args.operands);
  return call.machine.runScript([split, ...args.operands].join(' '), inner.scope, call.stdin);
}

function command(call: Call): string {
  const { operands, ...args } = parseArgs(call.args, { stopAtOperand: true });
  if (args.has('v', 'V')) return operands.join('\n');
  // It passes functions by: `git() { command git "$@"; }` runs git itself.
  const [program = ''] = operands;
  return call.scope.withoutFunction(program, () => runWithAssignments(call, operands));
}

function flock(call: Call): string {
  const { operands } = parseArgs(call.args, { valued: ['w', 'E', 'timeout', 'wait'], stopAtOperand: true });
  const [flag, code] = operands.slice(1);
  if (flag === '-c' && code !== undefined) return call.machine.runScript(code, call.scope.fork(), call.stdin);
  return call.machine.runArgv(operands.slice(1), call.scope.fork(), call.stdin);
}

/** Programs worth finding among the words of a program of which nothing is known. */
const innerPrograms = new Set(
  'rm rimraf unlink sh bash dash zsh ksh ash psql mysql mariadb sqlite3 mv cp tee dd find xargs env sudo git python python3 node perl ruby php tsx ts-node'.split(
    ' ',
  ),
);

/**
 * The command among the words of docker, kubectl, npm and other runners, whatever their options are: from the first
 * word on that is a program worth finding.
 */
export function innerCommand(args: readonly string[]): readonly string[] | undefined {
  const at = args.findIndex((arg) => innerPrograms.has(programOf(arg)));
  return at < 0 ? undefined : args.slice(at);
}

/** npx and kin: a program by name, or code in `-c`. */
function packageRunner(call: Call): string {
  const args = parseArgs(call.args, { valued: ['p', 'c', 'package', 'call', 'from', 'with'], stopAtOperand: true });
  for (const code of args.values('c', 'call')) call.machine.runScript(code, call.scope.fork(), call.stdin);
  const [program = '', ...rest] = args.operands;
  if (program === '') return unknown;
  return call.machine.runArgv([program.replace(/(?<=.)@[^/]*$/, ''), ...rest], call.scope.fork(), call.stdin);
}

/** Programs that run commands which they are given as texts: each text with a blank in it is one. */
function runsTexts(call: Call): string {
  const { args, machine, scope, stdin } = call;
  for (const text of args.filter((arg) => /\s/.test(arg.trim()) || hasUnknown(arg)))
    machine.runScript(text.replaceAll('{}', args.at(-1) ?? ''), scope.fork());
  const inner = innerCommand(args);
  if (inner !== undefined) machine.runArgv(inner, scope.fork(), stdin);
  return unknown;
}

const textRunners =
  'parallel tmux screen expect concurrently nodemon hyperfine foreman wsl mprocs capsh nix-shell lerna cmd';

/** Programs that run the command in their words. */
export const wrappers: Readonly<Record<string, Handler>> = {
  env,
  command,
  flock,
  sudo: wraps({ valued: [...'ugpCrtTDRh', 'user', 'group', 'prompt', 'chdir', 'chroot', 'host', 'role', 'type'] }),
  doas: wraps({ valued: ['u', 'C'] }),
  timeout: wraps({ valued: ['k', 's', 'kill-after', 'signal'], operands: 1 }),
  gtimeout: wraps({ valued: ['k', 's', 'kill-after', 'signal'], operands: 1 }),
  nice: wraps({ valued: ['n', 'adjustment'] }),
  ionice: wraps({ valued: ['c', 'n', 'p', 'class', 'classdata'] }),
  chrt: wraps({ operands: 1 }),
  taskset: wraps({ operands: 1 }),
  chroot: wraps({ valued: ['userspec', 'groups'], operands: 1 }),
  nohup: wraps(),
  setsid: wraps(),
  builtin: wraps(),
  busybox: wraps(),
  toybox: wraps(),
  shx: wraps(),
  unshare: wraps(),
  caffeinate: wraps({ valued: ['t', 'w'] }),
  exec: wraps({ valued: ['a'] }),
  time: wraps({ valued: ['o', 'f', 'output', 'format'] }),
  gtime: wraps({ valued: ['o', 'f', 'output', 'format'] }),
  stdbuf: wraps({ valued: ['i', 'o', 'e', 'input', 'output', 'error'] }),
  strace: wraps({ valued: [...'eopsuEPaSIOXb'] }),
  ltrace: wraps({ valued: [...'eopsuanx'] }),
  'xvfb-run': wraps({ valued: ['e', 'f', 'n', 'p', 's', 'w', 'server-args'] }),
  ...Object.fromEntries(textRunners.split(' ').map((name) => [name, runsTexts])),
  npx: packageRunner,
  pnpx: packageRunner,
  bunx: packageRunner,
  uvx: packageRunner,
};
