import type { Call, Handler } from '../machine.ts';
import { parseArgs } from '../options.ts';
import { recordWrite, recordWriteInHome } from '../targets.ts';
import { unknown } from '../text.ts';

/** `ssh-keygen` writes a key, unless it is told to look at one. */
function sshKeygen(call: Call): string {
  const args = parseArgs(call.args, { valued: [...'fbCNtmPOIVszwnDEaWrM'] });
  if (args.has('l', 'F', 'B', 'e', 'y', 'Q')) return unknown;
  const files = args.values('f');
  if (files.length === 0) recordWriteInHome(call, '.ssh/id_ed25519');
  for (const file of files) recordWrite(call, file);
  return unknown;
}

function htpasswd(call: Call): string {
  const args = parseArgs(call.args, { valued: ['C', 'r'] });
  const [file] = args.operands;
  if (!args.has('n') && file !== undefined) recordWrite(call, file);
  return unknown;
}

/** Programs that make keys and passwords. */
export const keyMakers: Readonly<Record<string, Handler>> = { 'ssh-keygen': sshKeygen, htpasswd };
