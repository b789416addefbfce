import { isCovered } from './projection.ts';
import { actionNames, type ActionName, type Rule } from './rule.ts';

/** Rules that are asked together, because they look at the same parts of a question. */
export interface RuleGroup {
  readonly action: ActionName;
  readonly rules: readonly Rule[];
  /** What of the context they read, together. */
  readonly reads: readonly string[];
}

/** More groups of one action than this are not told apart: each costs a call into Cedar. */
const maxGroups = 8;

/** Attributes of the context that only questions of these actions have; all other ones every question has. */
const ownAttributes: Readonly<Record<string, ActionName>> = {
  file_path: 'write_file',
  path: 'write_file',
  command: 'execute_bash',
  shell: 'execute_bash',
  protected_branches: 'execute_bash',
};

/**
 * Split rules by the actions that their scopes allow, and by what they read: a question goes only to groups that may match,
 * with only what they read, and a group that was asked the same before need not be asked again. A rule that may match
 * several actions is in a group of each. Every rule is in one group per action of its scope.
 */
export function groupRules(rules: readonly Rule[]): readonly RuleGroup[] {
  return actionNames.flatMap((action) => {
    const members = rules.filter(({ actions }) => actions.includes(action));
    const read = members.map((rule) => ({ rule, reads: rule.reads.filter((name) => isPartOf(name, action)) }));
    return merged(action, [...Map.groupBy(read, ({ reads }) => reads.join(' ')).values()]);
  });
}

/** Whether a question of this action has the attribute at all. */
function isPartOf(read: string, action: ActionName): boolean {
  const [name = ''] = read.split(/[.?]/);
  const owner = Object.hasOwn(ownAttributes, name) ? ownAttributes[name] : undefined;
  return owner === undefined || owner === action;
}

type Alike = readonly { readonly rule: Rule; readonly reads: readonly string[] }[];

/** Groups that read no more than another one are part of it. */
function merged(action: ActionName, alike: readonly Alike[]): readonly RuleGroup[] {
  const groups: { action: ActionName; rules: Rule[]; reads: readonly string[] }[] = [];
  const widestFirst = [...alike].sort((left, right) => widthOf(right) - widthOf(left));
  for (const members of widestFirst) {
    const reads = members[0]?.reads ?? [];
    const rules = members.map(({ rule }) => rule);
    const wider = groups.find((group) => reads.every((read) => isCovered(read, group.reads)));
    const target = wider ?? (groups.length >= maxGroups ? groups.at(-1) : undefined);
    if (target === undefined) groups.push({ action, rules, reads });
    else {
      target.rules.push(...rules);
      if (wider === undefined) target.reads = [...new Set([...target.reads, ...reads])].sort();
    }
  }
  return groups;
}

function widthOf(members: Alike): number {
  return members[0]?.reads.length ?? 0;
}
