import type { Call } from '../machine.ts';
import { parseArgs } from '../options.ts';
import { display, hasUnknown } from '../text.ts';

const valued = ['o', 'push-option', 'receive-pack', 'exec', 'repo'];

/** Note what `git push` would do to which refs. Branches are named as on the remote, without `refs/heads/`. */
export function notePush({ machine }: Call, words: readonly string[]): void {
  const args = parseArgs(words, { valued });
  const { push } = machine.facts;
  const long = (name: string): boolean => args.longNames.includes(name);
  const refspecs = args.operands.slice(args.has('repo') ? 0 : 1);
  push.present = true;
  push.force ||= args.has('f') || long('force') || refspecs.some((refspec) => refspec.startsWith('+'));
  push.forceWithLease ||= long('force-with-lease') || long('force-if-includes');
  push.mirror ||= long('mirror');
  push.deletes ||=
    args.has('d') || long('delete') || long('prune') || refspecs.some((refspec) => /^\+?:./.test(refspec));
  for (const refspec of refspecs) push.refs.add(display(remoteRef(refspec)));
  if (long('all') || long('branches') || long('mirror')) push.refs.add('*');
  if (words.some(hasUnknown)) machine.facts.doubt('what git push is given');
}

function remoteRef(refspec: string): string {
  const bare = refspec.replace(/^\+/, '');
  const target = bare.slice(bare.lastIndexOf(':') + 1);
  return (target === '' ? '*' : target).replace(/^refs\/heads\//, '');
}
