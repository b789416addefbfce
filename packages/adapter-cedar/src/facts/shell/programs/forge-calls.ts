import type { Call } from '../machine.ts';
import { display, hasUnknown } from '../text.ts';
import { noteRefspec } from './git-push.ts';

const methodOption = /^(?:-X|--method|--request)$/;
const dataOption = /^(?:-f|-F|-d|--field|--raw-field|--input|--data(?:-\w+)?|--json)(?:=|$)/;
const branchUrl = /\/git\/refs\/(heads\/[^\s?]+)/;
/** Calls that commit to a branch, or merge into one. */
const commitUrl = /repos\/[^/]+\/[^/]+\/(?:contents\/|merges\b|pulls\/\d+\/merge\b|git\/refs\b)/;

/** Calls of a forge's API, by `gh api` or by hand, that do what a push does. */
export function noteForgeCall(call: Call): void {
  const { facts } = call.machine;
  if (call.program === 'gh') noteGh(call);
  const url = call.args.find((arg) => commitUrl.test(arg));
  const method = methodOf(call.args);
  if (url === undefined || method === 'GET' || method === 'HEAD') return;
  const words = call.args.map(display).join(' ');
  facts.push.force ||= /["']?force["']?\s*[=:]\s*["']?true/.test(words);
  const branch = branchUrl.exec(url)?.[1] ?? /(?:branch|base)["']?\s*[=:]\s*["']?([\w./-]+)/.exec(words)?.[1] ?? 'HEAD';
  noteRefspec(call, method === 'DELETE' && branchUrl.test(url) ? `:${branch}` : branch);
  if (hasUnknown(url)) facts.doubt('which branch the call changes');
}

/** `gh pr merge` and `gh repo sync`: which branch they change, they do not say. */
function noteGh(call: Call): void {
  const [group, action] = call.args.filter((arg) => !arg.startsWith('-'));
  if (group === 'pr' && action === 'merge') noteRefspec(call, 'HEAD');
  if (group === 'repo' && action === 'sync') noteRefspec(call, call.args.includes('--force') ? '+HEAD' : 'HEAD');
}

function methodOf(args: readonly string[]): string {
  for (const [index, arg] of args.entries()) {
    const [, given] = /^(?:-X|--method=|--request=)([A-Za-z]+)$/.exec(arg) ?? [];
    if (given !== undefined) return given.toUpperCase();
    if (methodOption.test(arg)) return (args[index + 1] ?? '').toUpperCase();
  }
  return args.some((arg) => dataOption.test(arg)) ? 'POST' : 'GET';
}
