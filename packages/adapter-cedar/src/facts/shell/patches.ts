import type { Call } from './machine.ts';
import { recordWrite } from './targets.ts';

const fileLine = /^(?:---|\+\+\+|rename to|rename from|copy to) ([^\t\n]{1,4096})/gm;

/** Note the files that a patch on standard input changes, as far as it is known. */
export function recordPatched(call: Call): void {
  for (const [, file = ''] of (call.stdin ?? '').matchAll(fileLine)) {
    const path = file.trim().replace(/^"|"$/g, '');
    if (path !== '/dev/null') recordWrite(call, path.replace(/^[ab]\//, ''));
  }
}
