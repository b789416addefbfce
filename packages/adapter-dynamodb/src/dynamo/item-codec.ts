import { AbcaError, fromWire, toSnakeCase, toWire } from '@abca/core';
import type { z } from 'zod';
import type { Item } from './conditional-write.ts';

/** Turns values of one kind into items and back. */
export interface ItemCodec<T> {
  /** The fields of `value`, any subset, with names as they stand in the table. */
  toItem(value: Partial<T>): Item;
  /** @throws AbcaError STORE_CORRUPT that names the item and the fields which are not as they were written */
  parse(item: Item): T;
}

/** How one kind of value is stored. */
export interface ItemCodecOptions<T> {
  readonly schema: z.ZodType<T>;
  /** What people call it, as in `task`. */
  readonly kind: string;
  /** Attribute that names the item in messages. */
  readonly key: string;
  /**
   * Paths of fields whose content is not ours to rename, such as `['sessionHandle']` or `['settings', 'compute']`: other
   * parties' names would not survive the way to snake_case and back.
   */
  readonly verbatim: readonly (readonly string[])[];
}

/** A codec between camelCase values and snake_case items. Fields that are undefined are left out, at any depth. */
export function itemCodec<T extends object>({ schema, kind, key, verbatim }: ItemCodecOptions<T>): ItemCodec<T> {
  const wirePaths = verbatim.map((path) => path.map(toSnakeCase));
  return {
    toItem: (value) => {
      const item = toWire(value) as Item;
      verbatim.forEach((path, index) => copy(value, path, item, wirePaths[index] ?? path));
      return item;
    },
    parse: (item) => {
      const value = fromWire(item) as Item;
      verbatim.forEach((path, index) => copy(item, wirePaths[index] ?? path, value, path));
      const parsed = schema.safeParse(value);
      if (parsed.success) return parsed.data;
      throw corrupt(`${kind} ${String(item[key])}`, parsed.error);
    },
  };
}

/** Copy what is at `sourcePath` to `targetPath`, whose parents exist whenever the source's do. */
function copy(source: object, sourcePath: readonly string[], target: Item, targetPath: readonly string[]): void {
  const value = sourcePath.reduce<unknown>((current, name) => (current as Item | undefined)?.[name], source);
  if (value === undefined) return;
  const parent = targetPath.slice(0, -1).reduce((current, name) => current[name] as Item, target);
  parent[targetPath.at(-1) ?? ''] = withoutUndefined(value);
}

/** Plain data without fields that are undefined, which DynamoDB does not take. */
export function withoutUndefined(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutUndefined);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).filter(([, item]) => item !== undefined);
  return Object.fromEntries(entries.map(([name, item]) => [name, withoutUndefined(item)]));
}

/** An item that does not have the shape it was written with. */
export function corrupt(what: string, error: z.ZodError): AbcaError {
  const problems = error.issues.map((issue) => `${issue.path.join('.') || '(item)'}: ${issue.message}`);
  return new AbcaError(
    'STORE_CORRUPT',
    `${what} in the store does not have its shape: ${problems.join('; ')}; correct or remove the item`,
    { cause: error, details: { paths: error.issues.map((issue) => issue.path.join('.')) } },
  );
}
