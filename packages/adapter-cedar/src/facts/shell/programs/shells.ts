import type { Call, Handler } from '../machine.ts';
import { parseArgs } from '../options.ts';
import { pathsOf } from '../targets.ts';
import { fileContent, unknown } from '../text.ts';

/** `sh`, `bash` and kin: code in `-c`, from standard input, or in a file, which is not opened. */
function shell(call: Call): string {
  const { machine, scope, stdin } = call;
  const words = call.args.filter((arg) => !/^\+[a-zA-Z]+$/.test(arg));
  const args = parseArgs(words, { valued: ['o', 'O', 'rcfile', 'init-file'], stopAtOperand: true });
  const [first, ...rest] = args.operands;
  const inner = scope.fork();
  for (const file of args.values('rcfile', 'init-file')) {
    const text = writtenText(call, file);
    if (text !== undefined) machine.runScript(text, inner);
  }
  if (args.has('c')) {
    inner.commandName = rest[0];
    inner.positional = rest.slice(1);
    return first === undefined ? '' : machine.runScript(first, inner, stdin);
  }
  const text = first === undefined || first === '-' || args.has('s') ? stdin : textOfFile(call, first);
  inner.positional = args.has('s') ? args.operands : rest;
  return text === undefined ? unknown : machine.runScript(text, inner);
}

function textOfFile(call: Call, file: string): string | undefined {
  if (file === '/dev/stdin' || file === '/dev/fd/0' || file === '/proc/self/fd/0') return call.stdin;
  return writtenText(call, file) ?? fileContent;
}

/** What this very command has written to a file, if it has: scripts are often written and run at once. */
export function writtenText(call: Call, file: string): string | undefined {
  const texts = pathsOf(call, file).flatMap((path) => call.machine.findText(path) ?? []);
  return texts.length === 0 ? undefined : texts.join('\n');
}

function source(call: Call): string {
  const [file, ...rest] = call.args.filter((arg) => arg !== '--');
  const text = file === undefined ? undefined : textOfFile(call, file);
  if (text === undefined) return unknown;
  if (rest.length > 0) call.scope.positional = rest;
  return call.machine.runScript(text, call.scope);
}

function evaluate({ args, scope, machine, stdin }: Call): string {
  return machine.runScript(args.join(' '), scope, stdin);
}

function trap({ args, scope, machine }: Call): string {
  const [action = ''] = args.filter((arg) => !arg.startsWith('-'));
  if (args.length > 1) machine.runLater(action, scope);
  return '';
}

/** `su -c`, `script -c`, `watch`: code in an option or in all operands. */
function takesCode(valued: readonly string[]): Handler {
  return (call) => {
    const args = parseArgs(call.args, { valued: ['c', 'command', ...valued], stopAtOperand: true });
    const codes = args.has('c', 'command') ? args.values('c', 'command') : [args.operands.join(' ')];
    for (const code of codes) call.machine.runScript(code, call.scope.fork(), call.stdin);
    return unknown;
  };
}

/** `ssh host command`: the words after the host are joined and read by a shell there. */
function ssh(call: Call): string {
  const args = parseArgs(call.args, { valued: [...'BbcDEeFIiJLlmOoPpQRSWw'], stopAtOperand: true });
  const code = args.operands.slice(1).join(' ');
  const input = code === '' ? call.stdin : code;
  if (input !== undefined) call.machine.runScript(input, call.scope.fork(), call.stdin);
  return unknown;
}

/** Programs that read code from standard input. */
const readsCode: Handler = ({ stdin, machine, scope }) => {
  if (stdin !== undefined) machine.runScript(stdin, scope.fork());
  return unknown;
};

/** What runs shell code. */
export const shells: Readonly<Record<string, Handler>> = {
  sh: shell,
  bash: shell,
  dash: shell,
  ash: shell,
  zsh: shell,
  ksh: shell,
  csh: shell,
  tcsh: shell,
  nu: shell,
  xonsh: shell,
  mksh: shell,
  fish: shell,
  rbash: shell,
  source,
  '.': source,
  eval: evaluate,
  trap,
  su: takesCode(['s', 'g', 'G', 'shell']),
  runuser: takesCode(['u', 's', 'g', 'G']),
  script: takesCode(['I', 'O', 'T', 'm', 'o', 'E', 'B']),
  watch: takesCode(['n', 'interval', 'd']),
  ssh,
  at: readsCode,
  batch: readsCode,
};
