import { homeOf } from '../../path-facts.ts';
import type { Call, Handler } from '../machine.ts';
import { parseArgs } from '../options.ts';
import { fileContent, harmless, hasUnknown, isFileContent, unknown, withoutMarks } from '../text.ts';

const escapes: Readonly<Record<string, string | undefined>> = {
  n: '\n',
  t: '\t',
  r: '\r',
  '\\': '\\',
  a: '',
  b: '',
  f: '',
  v: '',
  e: '',
};

/** Backslash escapes as `echo -e` and `printf` write them. */
function unescape(text: string): string {
  return text.replaceAll(/\\(?:x[0-9a-f]{1,2}|u[0-9a-f]{1,4}|[0-7]{1,4}|.)/gis, (escape) => {
    const body = escape.slice(1);
    if (/^[xu]./i.test(body)) return character(Number.parseInt(body.slice(1), 16));
    if (/^[0-7]/.test(body)) return character(Number.parseInt(body, 8));
    return escapes[body] ?? escape;
  });
}

function character(code: number): string {
  return withoutMarks(String.fromCharCode(code));
}

function echo({ args }: Call): string {
  const first = args.findIndex((arg) => !/^-[neE]+$/.test(arg));
  const options = first < 0 ? args : args.slice(0, first);
  const text = first < 0 ? '' : args.slice(first).join(' ');
  const end = options.some((option) => option.includes('n')) ? '' : '\n';
  return (options.some((option) => option.includes('e')) ? unescape(text) : text) + end;
}

function printf({ args, scope }: Call): string {
  const isVariable = args[0] === '-v';
  const [format = '', ...values] = (isVariable ? args.slice(2) : args).filter(
    (arg, index) => index > 0 || arg !== '--',
  );
  const text = formatted(format, values);
  if (isVariable && args[1] !== undefined) scope.assign(args[1], [text]);
  return isVariable ? '' : text;
}

function formatted(format: string, values: readonly string[]): string {
  const queue = [...values];
  let text = '';
  do {
    text += unescape(format).replaceAll(
      /%(?:(%)|[-+ #0]*\d*(?:\.\d+)?([a-zA-Z]))/g,
      (_whole, percent?: string, kind?: string) => {
        if (percent !== undefined) return '%';
        const value = queue.shift() ?? '';
        return kind === 'b' ? unescape(value) : value;
      },
    );
  } while (queue.length > 0 && /%[^%]/.test(format) && text.length < 20_000);
  return text;
}

/** Programs that pass on lines of what they read, or of files. */
function passes(call: Call): string {
  const { stdin, machine } = call;
  const { operands } = parseArgs(call.args, { valued: ['n', 'c', 'k', 't', 'f', 's', 'w'] });
  const files = operands.filter((operand) => operand !== '-');
  if (files.length === 0) return stdin ?? unknown;
  return files.map((file) => machine.findText(file) ?? fileContent).join('\n');
}

/** grep prints lines of what it reads; with `-l`, paths below what it searches. */
function grep(call: Call): string {
  const args = parseArgs(call.args, {
    valued: [
      'e',
      'f',
      'm',
      'A',
      'B',
      'C',
      'g',
      't',
      'T',
      'glob',
      'type',
      'include',
      'exclude',
      'exclude-dir',
      'regexp',
      'file',
      'color',
      'max-count',
    ],
  });
  const places = args.operands.slice(args.has('e', 'f', 'regexp', 'file', 'files') ? 0 : 1);
  if (args.has('l', 'L', 'files', 'files-with-matches', 'files-without-match')) return below(places);
  if (places.length === 0 && call.stdin !== undefined) return call.stdin;
  return args.has('c', 'count', 'q', 'quiet') ? harmless : fileContent;
}

function ls(call: Call): string {
  const { operands } = parseArgs(call.args, { valued: ['I', 'w', 'T'] });
  return operands.length === 0 ? `${harmless}\n` : `${operands.join('\n')}\n${harmless}\n`;
}

function fd(call: Call): string {
  const args = parseArgs(call.args, {
    valued: ['e', 't', 'E', 'd', 'x', 'X', 'extension', 'type', 'exclude', 'max-depth', 'exec', 'exec-batch'],
  });
  return below(args.operands.slice(1));
}

function below(places: readonly string[]): string {
  return (places.length === 0 ? ['.'] : places).map((place) => `${place.replace(/\/$/, '')}/${harmless}\n`).join('');
}

/** Decoders are run where their input is known. */
function decodes(decode: (text: string) => string): Handler {
  return (call) => {
    const { stdin } = call;
    if (stdin === undefined || hasUnknown(stdin) || stdin.includes(harmless)) return unknown;
    return withoutMarks(decode(stdin));
  };
}

function base64(call: Call): string {
  if (!parseArgs(call.args).has('d', 'D', 'decode')) return unknown;
  return decodes((text) => Buffer.from(text, 'base64').toString('utf8'))(call);
}

function xxd(call: Call): string {
  const args = parseArgs(call.args);
  if (!args.has('r')) return unknown;
  return decodes((text) => Buffer.from(text.replaceAll(/\s/g, ''), 'hex').toString('utf8'))(call);
}

const rev = decodes((text) =>
  text
    .split('\n')
    .map((line) => [...line].reverse().join(''))
    .join('\n'),
);

/** `tr` and other filters: what comes out of files stays what comes out of files. */
function filters(call: Call): string {
  return call.stdin === undefined || isFileContent(call.stdin) ? fileContent : unknown;
}

function mktemp(call: Call): string {
  const { operands, ...args } = parseArgs(call.args, { valued: ['p', 'tmpdir', 'suffix'] });
  const [template = `tmp.${harmless}`] = operands;
  const folder = args.values('p', 'tmpdir').at(-1) ?? (operands.length === 0 || args.has('t') ? '/tmp' : undefined);
  return folder === undefined || template.startsWith('/') ? template : `${folder}/${template}`;
}

function pathPart(call: Call): string {
  const { operands } = parseArgs(call.args, { valued: ['s', 'suffix'] });
  const [path = ''] = operands;
  const cut = path.replace(/\/+$/, '');
  const at = cut.lastIndexOf('/');
  if (call.program === 'basename') return at < 0 ? cut : cut.slice(at + 1);
  return at < 0 ? '.' : cut.slice(0, at) || '/';
}

function pwd({ scope }: Call): string {
  return scope.cwds.join('\n');
}

function realpath(call: Call): string {
  const { operands } = parseArgs(call.args);
  return operands
    .flatMap((path) => (path.startsWith('/') ? [path] : call.scope.cwds.map((cwd) => `${cwd}/${path}`)))
    .join('\n');
}

/** `command -v`, `which`: the path ends in the name. */
function which({ args }: Call): string {
  return args.filter((arg) => !arg.startsWith('-')).join('\n');
}

const small: Handler = (call) => (call.args.some((arg) => /git/i.test(arg) || arg.includes('/')) ? unknown : harmless);

function printenv(call: Call): string {
  return call.args[0] === 'HOME' ? homeOf(call.machine.where) : unknown;
}

/** Programs that change nothing, by what they print. */
export const printers: Readonly<Record<string, Handler>> = {
  echo,
  printf,
  cat: passes,
  head: passes,
  tail: passes,
  uniq: passes,
  tac: passes,
  grep,
  egrep: grep,
  fgrep: grep,
  rg: grep,
  ag: grep,
  ls,
  fd,
  fdfind: fd,
  base64,
  xxd,
  rev,
  tr: filters,
  cut: filters,
  zcat: filters,
  jq: filters,
  pg_dump: filters,
  mysqldump: filters,
  mktemp,
  basename: pathPart,
  dirname: pathPart,
  pwd,
  realpath,
  readlink: realpath,
  which,
  type: which,
  date: small,
  uname: small,
  whoami: small,
  hostname: small,
  nproc: small,
  id: small,
  seq: small,
  wc: () => harmless,
  expr: small,
  arch: small,
  true: () => '',
  false: () => '',
  ':': () => '',
  exit: () => '',
  return: () => '',
  man: () => unknown,
  printenv,
  // These name packages and programs without running them.
  apt: () => unknown,
  'apt-get': () => unknown,
  brew: () => unknown,
  pip: () => unknown,
};
