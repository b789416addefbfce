import type { Item } from './conditional-write.ts';

/** A change of one item. All names are those of the table. */
export interface ItemChange {
  readonly set: Item;
  readonly remove?: readonly string[];
  /** Numbers to add to. */
  readonly add?: Readonly<Record<string, number>>;
  /** Attributes that must have these values. */
  readonly expect: Item;
  /** Attributes that must have one of these values. */
  readonly expectOneOf?: Readonly<Record<string, readonly string[]>>;
  /** Attribute that only an existing item has. */
  readonly exists: string;
}

/** The parts of an update, for `UpdateCommand` and transactions alike. */
export interface UpdateExpression {
  readonly UpdateExpression: string;
  readonly ConditionExpression: string;
  readonly ExpressionAttributeNames: Record<string, string>;
  readonly ExpressionAttributeValues: Item;
}

/** Every name and value goes through a placeholder: many of our names are reserved words, such as `status` and `ttl`. */
export function updateExpression(change: ItemChange): UpdateExpression {
  const names: Record<string, string> = {};
  const values: Item = {};
  const name = (attribute: string): string => {
    names[`#${attribute}`] = attribute;
    return `#${attribute}`;
  };
  const value = (content: unknown): string => {
    const placeholder = `:v${String(Object.keys(values).length)}`;
    values[placeholder] = content;
    return placeholder;
  };
  const equal = ([attribute, content]: [string, unknown]): string => `${name(attribute)} = ${value(content)}`;
  const anyOf = ([attribute, contents]: [string, readonly string[]]): string =>
    `${name(attribute)} IN (${contents.map(value).join(', ')})`;
  const clauses = [
    clause('SET', Object.entries(change.set).map(equal)),
    clause('REMOVE', (change.remove ?? []).map(name)),
    clause(
      'ADD',
      Object.entries(change.add ?? {}).map(([attribute, by]) => `${name(attribute)} ${value(by)}`),
    ),
  ];
  const conditions = [
    `attribute_exists(${name(change.exists)})`,
    ...Object.entries(change.expect).map(equal),
    ...Object.entries(change.expectOneOf ?? {}).map(anyOf),
  ];
  return {
    UpdateExpression: clauses.filter((text) => text !== '').join(' '),
    ConditionExpression: conditions.join(' AND '),
    ExpressionAttributeNames: names,
    ExpressionAttributeValues: values,
  };
}

function clause(keyword: string, parts: readonly string[]): string {
  return parts.length === 0 ? '' : `${keyword} ${parts.join(', ')}`;
}
