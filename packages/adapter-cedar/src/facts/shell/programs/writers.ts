import { posix } from 'node:path';
import type { Call, Handler } from '../machine.ts';
import { parseArgs } from '../options.ts';
import { recordPatched } from '../patches.ts';
import { isInGit, pathsOf, recordRemoval, recordWrite, resolvePaths } from '../targets.ts';
import { isTelling } from '../telling-names.ts';
import { harmless, hasUnknown, unknown } from '../text.ts';
import { noteForgeCall } from './forge-calls.ts';
import { editor, sed } from './editors.ts';

function writeAll(call: Call, paths: readonly string[]): void {
  for (const path of paths) recordWrite(call, path);
}

/** Remember what known files hold from here on. */
function keepAll(call: Call, files: readonly string[], text: string): void {
  const known = files.filter((file) => !hasUnknown(file));
  for (const path of known.flatMap((file) => pathsOf(call, file))) call.machine.keepText(path, text);
}

/** Programs of which every operand from the given one on is written. */
function writesOperands(from = 0, valued: readonly string[] = []): Handler {
  return (call) => {
    writeAll(call, parseArgs(call.args, { valued }).operands.slice(from));
    return '';
  };
}

function tee(call: Call): string {
  const files = parseArgs(call.args).operands;
  const text = call.stdin ?? unknown;
  writeAll(call, files);
  keepAll(call, files, text);
  return text;
}

/** cp, mv, ln, install, rsync: the last operand is written, or what `-t` names. */
function copies(call: Call): string {
  const args = parseArgs(call.args, {
    valued: ['t', 'S', 'm', 'o', 'g', 'e', 'f', 'T', 'target-directory', 'rsh', 'exclude', 'include', 'suffix'],
  });
  const folder = args.values('t', 'target-directory');
  const sources = folder.length > 0 ? args.operands : args.operands.slice(0, -1);
  const destinations = folder.length > 0 ? folder : args.operands.slice(-1);
  if (call.program === 'install' && args.has('d')) writeAll(call, args.operands);
  for (const destination of destinations) writeCopies(call, sources, destination, folder.length > 0);
  if (call.program === 'mv') for (const source of sources) recordRemoval(call, source, true);
  if (call.program === 'ln')
    writeAll(
      call,
      sources.filter((source) => isTelling(source) || resolvePaths(call, source).some(isInGit)),
    );
  return '';
}

function writeCopies(call: Call, sources: readonly string[], destination: string, isFolder: boolean): void {
  if (/^(?:rsync|scp)$/.test(call.program) && /^[^/]+:/.test(destination)) return;
  recordWrite(call, destination);
  const into = isFolder || sources.length > 1 || /(?:^|\/)\.{0,2}$/.test(destination);
  for (const source of sources) {
    const name = posix.basename(source);
    if (name !== '' && (into || (call.program !== 'ln' && isInGit(name)))) recordWrite(call, `${destination}/${name}`);
  }
}

function dd(call: Call): string {
  writeAll(
    call,
    call.args.filter((arg) => arg.startsWith('of=')).map((arg) => arg.slice(3)),
  );
  return unknown;
}

function tar(call: Call): string {
  const [first = '', ...rest] = call.args;
  const words = /^[a-zA-Z]+$/.test(first) ? [`-${first}`, ...rest] : call.args;
  const args = parseArgs(words, {
    valued: [
      'f',
      'C',
      'T',
      'X',
      'I',
      'file',
      'directory',
      'exclude',
      'to-command',
      'use-compress-program',
      'checkpoint-action',
    ],
  });
  const extracts = args.has('x', 'extract', 'get');
  if (extracts) writeMembers(call, args.has('C', 'directory') ? args.values('C', 'directory') : ['.'], args.operands);
  else if (args.has('c', 'r', 'u', 'create', 'append', 'update')) writeAll(call, args.values('f', 'file'));
  const commands = args.values('to-command', 'I', 'use-compress-program', 'checkpoint-action');
  for (const command of commands) call.machine.runScript(command.replace(/^exec=/, ''), call.scope.fork());
  return unknown;
}

/** What an archive is unpacked into, and the files in it that the command names. */
function writeMembers(call: Call, folders: readonly string[], members: readonly string[]): void {
  writeAll(call, folders);
  for (const folder of folders)
    writeAll(
      call,
      members.map((member) => `${folder}/${member}`),
    );
}

function unzip(call: Call): string {
  const args = parseArgs(call.args, { valued: ['d', 'x', 'P'] });
  if (!args.has('l', 'p', 't', 'Z'))
    writeMembers(call, args.has('d') ? args.values('d') : ['.'], args.operands.slice(1));
  return unknown;
}

function compress(call: Call): string {
  const args = parseArgs(call.args, { valued: ['S'] });
  if (!args.has('c', 'stdout', 'to-stdout', 'l', 'list', 't', 'test')) writeAll(call, args.operands);
  return unknown;
}

function curl(call: Call): string {
  const args = parseArgs(call.args, {
    valued: [
      ...'oXHdFuAbcCemtTwKQErxyYz',
      'output',
      'output-dir',
      'request',
      'header',
      'data',
      'url',
      'user',
      'data-raw',
      'data-binary',
      'form',
      'max-time',
      'connect-timeout',
      'retry',
      'write-out',
      'user-agent',
      'cookie',
      'config',
      'cacert',
      'cert',
      'key',
      'proxy',
    ],
  });
  const folder = args.values('output-dir').at(-1) ?? '.';
  writeAll(
    call,
    args.values('o', 'output').map((path) => (path.startsWith('/') || path === '-' ? path : `${folder}/${path}`)),
  );
  keepAll(
    call,
    [...args.values('o', 'output'), ...(args.has('O', 'remote-name') ? downloads(args.operands) : [])],
    unknown,
  );
  noteForgeCall(call);
  if (args.has('O', 'remote-name', 'remote-name-all')) recordWrite(call, `${folder}/${harmless}`);
  return unknown;
}

/** The names that files of these addresses get. */
function downloads(urls: readonly string[]): readonly string[] {
  return urls.map((url) => posix.basename(url.replace(/[?#].*$/, '')));
}

function wget(call: Call): string {
  const args = parseArgs(call.args, {
    valued: [...'OPoaiTtwQUe', 'output-document', 'directory-prefix', 'output-file'],
  });
  const files = args.values('O', 'output-document', 'o', 'output-file', 'P', 'directory-prefix');
  if (!args.has('spider')) writeAll(call, files.length > 0 ? files : [`./${harmless}`]);
  keepAll(call, [...files, ...downloads(args.operands)], unknown);
  return unknown;
}

function sort(call: Call): string {
  writeAll(call, parseArgs(call.args, { valued: [...'okStT', 'output'] }).values('o', 'output'));
  return call.stdin ?? unknown;
}

function patch(call: Call): string {
  const args = parseArgs(call.args, { valued: ['p', 'i', 'd', 'o', 'strip', 'input', 'directory', 'output'] });
  if (!args.has('dry-run')) writeAll(call, ['.', ...args.operands, ...args.values('d', 'o', 'directory', 'output')]);
  recordPatched(call);
  return '';
}

function split(call: Call): string {
  const { operands, ...args } = parseArgs(call.args, { valued: [...'abClntf', 'filter', 'prefix'] });
  const prefixes = call.program === 'csplit' ? args.values('f', 'prefix') : [operands[1] ?? 'x'];
  writeAll(call, prefixes);
  return '';
}

/** Programs that write files, by how their words name these. */
export const writers: Readonly<Record<string, Handler>> = {
  tee,
  sponge: tee,
  cp: copies,
  mv: copies,
  ln: copies,
  install: copies,
  rsync: copies,
  scp: copies,
  sed,
  gsed: sed,
  yq: sed,
  dd,
  tar,
  bsdtar: tar,
  unzip,
  gzip: compress,
  gunzip: compress,
  bzip2: compress,
  bunzip2: compress,
  xz: compress,
  unxz: compress,
  zstd: compress,
  zip: writesOperands(0),
  curl,
  wget,
  sort,
  patch,
  split,
  csplit: split,
  touch: writesOperands(0, ['d', 'r', 't', 'date', 'reference']),
  mkdir: writesOperands(0, ['m', 'mode']),
  mkfifo: writesOperands(0, ['m', 'mode']),
  truncate: writesOperands(0, ['s', 'r', 'size', 'reference']),
  chmod: writesOperands(1),
  chown: writesOperands(1),
  chgrp: writesOperands(1),
  ed: editor,
  ex: editor,
  vi: editor,
  vim: editor,
  nvim: editor,
  nano: writesOperands(0),
};
