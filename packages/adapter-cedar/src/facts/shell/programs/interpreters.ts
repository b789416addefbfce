import type { Call, Handler } from '../machine.ts';
import { parseArgs, type ParsedArgs } from '../options.ts';
import { literalWrites } from '../inline-code.ts';
import { mayAct, suspicionsOfCode } from '../suspicion.ts';
import { recordWrite } from '../targets.ts';
import { display, hasUnknown, isFileContent, unknown } from '../text.ts';

interface InterpreterRules {
  /** Options that carry code. */
  readonly code: readonly string[];
  readonly valued?: readonly string[];
  /** The first operand is code, as for awk. */
  readonly operandIsCode?: boolean;
}

/** A program that runs code of another language: what the code does is judged by its text. */
function interpreter({ code, valued = [], operandIsCode = false }: InterpreterRules): Handler {
  return (call) => {
    const words = call.args.map((arg) => (arg === '-pe' && code.includes('p') ? '-e' : arg));
    const args = parseArgs(words, { valued: [...code, ...valued] });
    const inOptions = args.values(...code);
    const [first] = args.operands;
    const isModule = args.has('m') && code.includes('c');
    const fromStdin =
      !isModule && inOptions.length === 0 && (first === undefined || first === '-' || first === '/dev/stdin');
    const texts = [
      ...inOptions,
      ...(operandIsCode && inOptions.length === 0 && first !== undefined ? [first] : []),
      ...(fromStdin && call.stdin !== undefined && !operandIsCode ? [call.stdin] : []),
      ...(first === undefined ? [] : [call.machine.findText(first) ?? '']),
    ];
    for (const text of texts) noteCode(call, text);
    if (operandIsCode) noteAwkWrites(call, texts, args);
    if (args.has('i') && (call.program === 'perl' || call.program === 'ruby')) {
      for (const file of args.operands) recordWrite(call, file);
    }
    return unknown;
  };
}

const awkPipe = /\|&?\s*"([^"\n]{1,500})"|"([^"\n]{1,500})"\s*\|&?\s*getline/g;

/** `print > "file"` of awk, and gawk's way of changing files in place. */
function noteAwkWrites(call: Call, texts: readonly string[], args: ParsedArgs): void {
  const code = texts.join('\n');
  for (const [, file = ''] of code.matchAll(/>\s*"([^"\n]{1,500})"/g)) recordWrite(call, file);
  const { machine, scope } = call;
  for (const [, after = '', before = ''] of code.matchAll(awkPipe)) machine.runScript(after || before, scope.fork());
  if (/\bprint[^|;}\n]*[^|]\|(?!\|)\s*&?\s*[a-z_(]|[\w)]\s*\|&?\s*getline/i.test(code))
    machine.facts.doubt('code of awk');
  if (args.values('i', 'include').includes('inplace'))
    for (const file of args.operands.slice(1)) recordWrite(call, file);
}

function noteCode(call: Call, text: string): void {
  const { machine, program } = call;
  if (text === '' || isFileContent(text)) return;
  const { facts } = machine;
  const code = display(text);
  facts.runsInlineCode = true;
  facts.suspect(...suspicionsOfCode(code));
  const { files, rest } = literalWrites(program, code);
  for (const file of files) recordWrite(call, file);
  if (hasUnknown(text) || mayAct(rest, program)) facts.doubt(`code of ${program}`);
}

const opaqueNames =
  'rscript julia groovy scala swift jshell tclsh gdb lldb ipython ipython3 irb pry guile racket sbcl ghci elixir erl pwsh powershell';

/** An interpreter of a language that is not read here: code in its words or on standard input is not resolved. */
const opaque: Handler = ({ program, args, stdin, machine }) => {
  const isGiven = args.some((arg) => /^(?:-e|-c|-ex|-E|--eval|--execute|-?-?command|-?-?encodedcommand)$/i.test(arg));
  if (isGiven || (stdin !== undefined && !isFileContent(stdin))) machine.facts.doubt(`code of ${program}`);
  return unknown;
};

const python = interpreter({ code: ['c'], valued: ['m', 'W', 'X'] });
const node = interpreter({
  code: ['e', 'p', 'eval', 'print'],
  valued: ['r', 'require', 'import', 'loader', 'conditions', 'C'],
});
const awk = interpreter({
  code: ['e', 'source'],
  valued: ['F', 'v', 'f', 'i', 'file', 'include'],
  operandIsCode: true,
});

/** Programs that run code of other languages from their words or from standard input. */
export const interpreters: Readonly<Record<string, Handler>> = {
  python,
  python2: python,
  python3: python,
  pypy: python,
  node,
  nodejs: node,
  bun: node,
  tsx: node,
  'ts-node': node,
  deno: (call) =>
    interpreter({ code: ['e', 'p', 'eval'] })({
      ...call,
      args: call.args.map((arg, index) => (index === 0 && arg === 'eval' ? '--eval' : arg)),
    }),
  ...Object.fromEntries(opaqueNames.split(' ').map((name) => [name, opaque])),
  perl: interpreter({ code: ['e', 'E'], valued: ['I', 'M', 'm'] }),
  ruby: interpreter({ code: ['e'], valued: ['I', 'r'] }),
  php: interpreter({ code: ['r'], valued: ['d', 'f'] }),
  lua: interpreter({ code: ['e'], valued: ['l'] }),
  osascript: interpreter({ code: ['e'] }),
  awk,
  gawk: awk,
  mawk: awk,
  nawk: awk,
};
