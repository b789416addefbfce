const fieldList = /^[a-z][a-z0-9_]*(,[a-z][a-z0-9_]*)*$/;

/**
 * `--json` takes an optional list of fields, so that `status --json <task>` would take the task for one. A word that cannot be
 * a list of fields is left to the command: an id has digits or capitals, a name a slash.
 */
export function normalizeArgs(args: readonly string[]): string[] {
  const end = args.indexOf('--');
  const limit = end === -1 ? args.length : end;
  return args.flatMap((arg, index) => {
    const next = args[index + 1];
    const takesNext = arg === '--json' && index + 1 < limit && next !== undefined && !next.startsWith('-');
    return takesNext && index < limit && !fieldList.test(next) ? moveBehind(arg) : [arg];
  });
}

/** Commander reads `--json=` as the option with an empty value, which stands for all fields. */
function moveBehind(arg: string): string[] {
  return [`${arg}=`];
}
