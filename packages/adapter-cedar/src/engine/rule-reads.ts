import { actionNames, type ActionName } from './rule.ts';

/** A policy in Cedar's JSON form, of which only the parts that are read here are named. */
export interface PolicyJson {
  readonly action: object;
  readonly conditions: readonly unknown[];
}

/**
 * Which attributes of the context the conditions of a policy read, sorted: `shell.programs` for an attribute with all that
 * is in it, `path?` for whether it is there, `` (empty) for the context as a whole.
 *
 * A verdict depends on nothing else of the context, so that no more needs to be sent or remembered. Rather too many: what is
 * not recognized counts as the whole.
 */
export function readsOf({ conditions }: PolicyJson): readonly string[] {
  const reads = new Set<string>();
  collect(conditions, reads);
  return [...reads].sort();
}

function collect(node: unknown, reads: Set<string>): void {
  if (typeof node !== 'object' || node === null) return;
  const read = readOf(node);
  if (read !== undefined) reads.add(read);
  else for (const child of Object.values(node)) collect(child, reads);
}

/** What a node reads if it is the context, an attribute of it, or a test for one. */
function readOf(node: object): string | undefined {
  const path = pathOf(node);
  if (path !== undefined) return path.join('.');
  const test = accessOf(node, 'has');
  const tested = test && pathOf(test.left);
  return tested && `${[...tested, ...test.attrs].join('.')}?`;
}

function pathOf(node: unknown): readonly string[] | undefined {
  if (typeof node !== 'object' || node === null) return undefined;
  if ((node as { Var?: unknown }).Var === 'context') return [];
  const access = accessOf(node, '.');
  const before = access && pathOf(access.left);
  return before && [...before, ...access.attrs];
}

/** `left.attr`, or `left has attr`, of which `attr` is a list where it is written `a.b`. */
function accessOf(
  node: object,
  operator: '.' | 'has',
): { readonly left: unknown; readonly attrs: readonly string[] } | undefined {
  const access = (node as Record<string, unknown>)[operator];
  if (typeof access !== 'object' || access === null) return undefined;
  const { left, attr } = access as { left?: unknown; attr?: unknown };
  const attrs: readonly unknown[] = Array.isArray(attr) ? attr : [attr];
  return attrs.every((name) => typeof name === 'string') ? { left, attrs } : undefined;
}

/** The actions that the scope of a policy allows. What is not recognized allows all. */
export function actionsOf({ action }: PolicyJson): readonly ActionName[] {
  const { op, entity, entities } = action as { op?: unknown; entity?: unknown; entities?: unknown };
  const named = op === 'All' ? undefined : (entities ?? (entity === undefined ? undefined : [entity]));
  if (!Array.isArray(named)) return actionNames;
  const ids = named.map((uid: unknown) => (uid as { id?: unknown } | null)?.id);
  return ids.every((id) => actionNames.some((name) => name === id))
    ? actionNames.filter((name) => ids.includes(name))
    : actionNames;
}
