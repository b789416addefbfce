import type { Call } from '../machine.ts';
import { parseArgs, type ParsedArgs } from '../options.ts';
import { display, harmless, hasGlob, hasUnknown } from '../text.ts';

const valued = ['o', 'P', 'push-option', 'receive-pack', 'exec', 'repo', 'recurse-submodules', 'prefix'];

/** Note what `git push`, or a command that works as it does, would do to which refs. */
export function notePush(call: Call, words: readonly string[]): void {
  const { machine, scope } = call;
  const args = parseArgs(words, { valued });
  const refspecs = withoutTagWords(args.operands.slice(isGiven(args, 'repo') ? 0 : 1));
  noteOptions(call, args);
  for (const refspec of refspecs) noteRefspec(call, refspec);
  const isElsewhere = ['all', 'branches', 'mirror', 'tags'].some((name) => isGiven(args, name));
  if (refspecs.length === 0 && !isElsewhere) machine.facts.push.refs.add('HEAD');
  for (const code of args.values('receive-pack', 'exec')) machine.runScript(code, scope.fork());
  if (words.some(hasUnknown)) machine.facts.doubt('what git push is given');
}

function noteOptions({ machine }: Call, args: ParsedArgs): void {
  const { push } = machine.facts;
  push.present = true;
  push.force ||= args.has('f') || isGiven(args, 'force');
  push.forceWithLease ||= args.longNames.some((name) => name.startsWith('force-'));
  push.mirror ||= isGiven(args, 'mirror');
  push.deletes ||= args.has('d') || isGiven(args, 'delete') || isGiven(args, 'prune');
  if (['all', 'branches', 'mirror'].some((name) => isGiven(args, name))) push.refs.add('*');
}

/** Whether a long option is there; git takes its first letters for it. */
function isGiven(args: ParsedArgs, option: string): boolean {
  return args.longNames.some((name) => name === option || (name.length > 1 && option.startsWith(name)));
}

/** `tag v1` stands for `refs/tags/v1`. */
function withoutTagWords(operands: readonly string[]): readonly string[] {
  return operands.flatMap((operand, index) => {
    if (operand === 'tag' && index + 1 < operands.length) return [];
    return operands[index - 1] === 'tag' ? [`refs/tags/${operand}`] : [operand];
  });
}

/** Note a refspec, `+source:target` or a part of it. */
export function noteRefspec({ machine }: Call, refspec: string): void {
  const { push } = machine.facts;
  push.present = true;
  push.force ||= refspec.startsWith('+');
  push.deletes ||= /^\+?:./.test(refspec);
  for (const ref of remoteRefs(refspec)) push.refs.add(display(ref));
}

/** Branches by their name on the remote. A pattern counts as all of them: it may hold any. */
function remoteRefs(refspec: string): readonly string[] {
  const bare = refspec.replace(/^\+/, '');
  if (bare.startsWith('^')) return [];
  const target = bare.slice(bare.lastIndexOf(':') + 1);
  const name = target.replace(/^(?:refs\/)?heads\//, '');
  if (name === '' || name === '*') return ['*'];
  // A name that is not known before the command runs may be any branch's.
  if (name === '@' || name.includes(harmless)) return ['HEAD'];
  return name.includes('*') || hasGlob(name) ? [name, '*'] : [name];
}
