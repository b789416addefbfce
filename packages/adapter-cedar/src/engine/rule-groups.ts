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

/** Attributes that stay as they are for all calls of a task by one tool, as does which attributes there are. */
const steadyAttributes: ReadonlySet<string> = new Set([
  'task_type',
  'repo',
  'read_only',
  'tool_name',
  'protected_branches',
]);

/**
 * Split rules by the actions that their scopes allow, and by what they read: a question goes only to groups that may match,
 * with only what they read, and a group that was asked the same before need not be asked again. A rule that may match
 * several actions is in a group of each. Every rule is in one group per action of its scope.
 */
export function groupRules(rules: readonly Rule[]): readonly RuleGroup[] {
  return actionNames.flatMap((action) => {
    const members = rules.filter(({ actions }) => actions.includes(action)).map((rule) => memberOf(rule, action));
    return merged(action, [...Map.groupBy(members, ({ varies }) => varies.join(' ')).values()]);
  });
}

interface Member {
  readonly rule: Rule;
  /** What the rule reads of questions of the action. */
  readonly reads: readonly string[];
  /** That of it which makes one question of a task differ from the next. */
  readonly varies: readonly string[];
}

function memberOf(rule: Rule, action: ActionName): Member {
  const reads = rule.reads.filter((read) => isPartOf(read, action));
  const varying = reads.filter((read) => !steadyAttributes.has(read) && !/^\w+\?$/.test(read));
  // All of a path's facts come from the path: a rule that reads one of them is asked anew as often as one that reads all.
  const varies = varying.map((read) => (read.startsWith('path.') ? 'path' : read));
  return { rule, reads, varies: [...new Set(varies)] };
}

/** Whether a question of this action has the attribute at all. */
function isPartOf(read: string, action: ActionName): boolean {
  const [name = ''] = read.split(/[.?]/);
  const owner = Object.hasOwn(ownAttributes, name) ? ownAttributes[name] : undefined;
  return owner === undefined || owner === action;
}

interface Group {
  readonly action: ActionName;
  readonly rules: Rule[];
  readonly reads: Set<string>;
  readonly varies: Set<string>;
}

/** Groups that vary with no more than another one does are part of it. */
function merged(action: ActionName, alike: readonly (readonly Member[])[]): readonly RuleGroup[] {
  const groups: Group[] = [];
  const widestFirst = [...alike].sort((left, right) => widthOf(right) - widthOf(left));
  for (const members of widestFirst) {
    const varies = members[0]?.varies ?? [];
    // What does not vary is asked once, and stays on its own.
    const wider = groups.find(
      (group) => varies.length > 0 && varies.every((read) => isCovered(read, [...group.varies])),
    );
    let target = wider ?? (groups.length >= maxGroups ? groups.at(-1) : undefined);
    if (target === undefined) groups.push((target = { action, rules: [], reads: new Set(), varies: new Set() }));
    for (const read of varies) target.varies.add(read);
    for (const { rule, reads } of members) {
      target.rules.push(rule);
      for (const read of reads) target.reads.add(read);
    }
  }
  return groups.map(({ rules, reads }) => ({ action, rules, reads: [...reads].sort() }));
}

function widthOf(members: readonly Member[]): number {
  return members[0]?.varies.length ?? 0;
}
