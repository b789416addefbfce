import type { Call } from '../machine.ts';
import { parseArgs } from '../options.ts';
import { unknown } from '../text.ts';

const maxItems = 64;
const valued = [...'InPLdEasl', 'replace', 'max-args', 'max-procs', 'max-lines', 'delimiter', 'arg-file', 'max-chars'];

/** `xargs command`: run with what it reads as further words, or in place of `-I`'s text. */
export function xargs(call: Call): string {
  const args = parseArgs(call.args, { valued, stopAtOperand: true });
  const command = args.operands.length === 0 ? ['echo'] : args.operands;
  // Items of a file are not known, whatever is piped in.
  const items = itemsOf(args.has('a', 'arg-file') ? undefined : call.stdin);
  const [placeholder = args.has('i', 'replace') ? '{}' : undefined] = args.values('I', 'replace');
  if (placeholder === undefined) return call.machine.runArgv([...command, ...items], call.scope.fork());
  return items
    .map((item) => command.map((word) => word.replaceAll(placeholder, () => item)))
    .map((argv) => call.machine.runArgv(argv, call.scope.fork()))
    .join('');
}

function itemsOf(stdin: string | undefined): readonly string[] {
  const items = (stdin ?? unknown).split(/[\s\0]+/).filter((item) => item !== '');
  return items.length > maxItems ? [unknown] : items.map((item) => item.replaceAll(/^['"]|['"]$/g, ''));
}
