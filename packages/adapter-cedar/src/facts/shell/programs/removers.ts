import type { Call, Handler } from '../machine.ts';
import { parseArgs } from '../options.ts';
import { recordRemoval } from '../targets.ts';
import { hasUnknown } from '../text.ts';

/** `rm`: long options may be cut short, and an option may hide in a word that is not known. */
function rm(call: Call): string {
  const args = parseArgs(call.args);
  const unknownWord = args.operands.some((word) => hasUnknown(word)) && args.operands.length > 1;
  const recursive = args.has('r', 'R') || args.longNames.some((name) => name.startsWith('r'));
  const force = args.has('f') || args.longNames.some((name) => name.startsWith('f'));
  noteRemoval(call, { recursive: recursive || unknownWord, force });
  for (const operand of args.operands) recordRemoval(call, operand, recursive || unknownWord);
  return '';
}

function rimraf(call: Call): string {
  noteRemoval(call, { recursive: true, force: true });
  for (const operand of parseArgs(call.args).operands) recordRemoval(call, operand, true);
  return '';
}

/** Programs that remove one file or an empty folder. */
function removeOne(call: Call): string {
  for (const operand of parseArgs(call.args, { valued: ['n', 's'] }).operands) recordRemoval(call, operand, false);
  return '';
}

function noteRemoval({ machine }: Call, { recursive, force }: { recursive: boolean; force: boolean }): void {
  const { removal } = machine.facts;
  removal.present = true;
  removal.recursive ||= recursive;
  removal.force ||= force;
}

export const removers: Readonly<Record<string, Handler>> = {
  rm,
  rimraf,
  'del-cli': rimraf,
  unlink: removeOne,
  rmdir: removeOne,
  shred: removeOne,
};
