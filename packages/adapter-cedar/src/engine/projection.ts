import type { CedarRecord, CedarValue } from './questions.ts';

/** What of a value is read: all of it, or these attributes, and whether it is there. */
export type Projection = 'all' | ReadonlyMap<string, Projection>;

/** Whether everything that `read` looks at is also looked at by one of `reads`. Both as `readsOf` writes them. */
export function isCovered(read: string, reads: readonly string[]): boolean {
  const path = read.replace(/\?$/, '');
  return reads.some((other) => {
    if (other === '' || other === read || other === path) return true;
    if (other.endsWith('?')) return read.endsWith('?') && other.startsWith(`${path}.`);
    return path.startsWith(`${other}.`) || (read.endsWith('?') && other.startsWith(`${path}.`));
  });
}

/** The part of a context that `reads` look at. */
export function projectionOf(reads: readonly string[]): Projection {
  if (reads.includes('')) return 'all';
  const byName = Map.groupBy(reads, (read) => /^[^.?]*/.exec(read)?.[0] ?? '');
  return new Map([...byName].map(([name, group]) => [name, projectionOfAttribute(name, group)]));
}

function projectionOfAttribute(name: string, reads: readonly string[]): Projection {
  if (reads.includes(name)) return 'all';
  return projectionOf(reads.filter((read) => read !== `${name}?`).map((read) => read.slice(name.length + 1)));
}

/** `value` without what the projection leaves out. An attribute of which nothing is read but its being there stays, empty. */
export function project(value: CedarValue, projection: Projection): CedarValue {
  if (projection === 'all' || !isRecord(value)) return value;
  const kept: Record<string, CedarValue> = {};
  for (const [name, inner] of projection) {
    const attribute = value[name];
    if (attribute !== undefined) kept[name] = project(attribute, inner);
  }
  return kept;
}

function isRecord(value: CedarValue): value is CedarRecord {
  return typeof value === 'object' && !Array.isArray(value);
}
