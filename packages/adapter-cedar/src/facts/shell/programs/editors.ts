import type { Call } from '../machine.ts';
import { parseArgs } from '../options.ts';
import { recordWrite } from '../targets.ts';
import { display, hasUnknown, unknown } from '../text.ts';

/** A longer script of an editor is not read. */
const maxScriptChars = 10_000;

/** `s/…/…/flags`, with what it writes to. */
const substitution = /s([^\w\s\\])(?:\\.|(?!\1)[^\\\n])*\1(?:\\.|(?!\1)[^\\\n])*\1([a-zA-Z0-9]*)(?:\s+([^;}\n]+))?/g;
const address = /\/(?:\\.|[^/\\\n])*\//g;

/** `sed`, and `yq` which takes files as it does: files in place, and the commands of a script that write or run. */
export function sed(call: Call): string {
  const args = parseArgs(call.args, { valued: ['e', 'f', 'l', 'expression', 'file'] });
  const inPlace = args.has('i') || args.longNames.some((name) => name.startsWith('in-place') || name === 'inplace');
  const scripted = args.has('e', 'f', 'expression', 'file');
  if (inPlace) for (const file of args.operands.slice(scripted ? 0 : 1)) recordWrite(call, file);
  const scripts = scripted ? args.values('e', 'expression') : args.operands.slice(0, 1);
  if (call.program !== 'yq') noteSedScript(call, scripts.join('\n'));
  return unknown;
}

function noteSedScript(call: Call, script: string): void {
  const { machine, scope } = call;
  if (script.length > maxScriptChars) machine.facts.doubt('the script of sed is too long');
  const text = script.slice(0, maxScriptChars);
  for (const [, , flags = '', file = ''] of text.matchAll(substitution)) {
    if (flags.includes('e')) machine.facts.doubt('code of sed');
    if (flags.includes('w') && file !== '') recordWrite(call, file.trim());
  }
  const rest = text.replaceAll(substitution, ';').replaceAll(address, ' ');
  for (const [, command, argument = ''] of rest.matchAll(/(?:^|[;{}\n\d$!,\s])([wWe])(?:\s+([^\n]+))?(?=$|[;}\n])/g)) {
    if (command !== 'e') recordWrite(call, argument.trim());
    else if (argument === '') machine.facts.doubt('code of sed');
    else machine.runScript(argument, scope.fork());
  }
}

/** `ed`, `ex` and `vi`: the files they are given, and those that their commands write; commands of the shell after `!`. */
export function editor(call: Call): string {
  const args = parseArgs(call.args, { valued: ['c', 'S', 'u', 'cmd'] });
  const { machine, scope } = call;
  for (const file of args.operands.filter((operand) => !operand.startsWith('+'))) recordWrite(call, file);
  const given = [...args.values('c', 'cmd'), ...args.operands.filter((operand) => operand.startsWith('+'))];
  const commands = [...given, call.stdin ?? ''].join('\n').slice(0, maxScriptChars);
  for (const [, file = ''] of commands.matchAll(/\b(?:w|write|wq|sav|saveas|up|update|x)!?\s+([^\s|!][^\s|]*)/g))
    recordWrite(call, file);
  for (const [, code = ''] of commands.matchAll(/!\s*([^\n]+)/g)) machine.runScript(code, scope.fork());
  if (hasUnknown(commands)) machine.facts.doubt(`commands of ${display(call.program)}`);
  return '';
}
