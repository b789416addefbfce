import type { Item } from './conditional-write.ts';

/** What an item must be for a write to happen. All names are those of the table. */
export interface ItemCondition {
  /** Attributes that must have these values. */
  readonly expect: Item;
  /** Attributes that must have one of these values. */
  readonly expectOneOf?: Readonly<Record<string, readonly string[]>>;
  /** Attributes that must be greater than these values; times compare as text. */
  readonly expectAbove?: Item;
  /** Attribute that only an existing item has. */
  readonly exists: string;
}

/** A change of one item. */
export interface ItemChange extends ItemCondition {
  readonly set: Item;
  readonly remove?: readonly string[];
  /** Numbers to add to. */
  readonly add?: Readonly<Record<string, number>>;
}

/** A condition, for whatever takes one. */
export interface ConditionExpression {
  readonly ConditionExpression: string;
  readonly ExpressionAttributeNames: Record<string, string>;
  readonly ExpressionAttributeValues: Item;
}

/** The parts of an update, for `UpdateCommand` and transactions alike. */
export interface UpdateExpression extends ConditionExpression {
  readonly UpdateExpression: string;
}

/** The parts of a condition, for checks of items that are not written. */
export function conditionExpression(condition: ItemCondition): ConditionExpression {
  const { names, values, ...placeholders } = newPlaceholders();
  const ConditionExpression = conditionText(condition, placeholders);
  return { ConditionExpression, ExpressionAttributeNames: names, ExpressionAttributeValues: values };
}

/** The parts of an update on a condition. */
export function updateExpression(change: ItemChange): UpdateExpression {
  const { names, values, name, value } = newPlaceholders();
  const clauses = [
    clause(
      'SET',
      Object.entries(change.set).map(([attribute, content]) => `${name(attribute)} = ${value(content)}`),
    ),
    clause('REMOVE', (change.remove ?? []).map(name)),
    clause(
      'ADD',
      Object.entries(change.add ?? {}).map(([attribute, by]) => `${name(attribute)} ${value(by)}`),
    ),
  ];
  return {
    UpdateExpression: clauses.filter((text) => text !== '').join(' '),
    ConditionExpression: conditionText(change, { name, value }),
    ExpressionAttributeNames: names,
    ExpressionAttributeValues: values,
  };
}

interface Placeholders {
  readonly name: (attribute: string) => string;
  readonly value: (content: unknown) => string;
}

/** Every name and value goes through a placeholder: many of our names are reserved words, such as `status` and `ttl`. */
function newPlaceholders(): Placeholders & { readonly names: Record<string, string>; readonly values: Item } {
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
  return { names, values, name, value };
}

function conditionText(condition: ItemCondition, { name, value }: Placeholders): string {
  const equal = ([attribute, content]: [string, unknown]): string => `${name(attribute)} = ${value(content)}`;
  const above = ([attribute, content]: [string, unknown]): string => `${name(attribute)} > ${value(content)}`;
  const anyOf = ([attribute, contents]: [string, readonly string[]]): string =>
    `${name(attribute)} IN (${contents.map(value).join(', ')})`;
  return [
    `attribute_exists(${name(condition.exists)})`,
    ...Object.entries(condition.expect).map(equal),
    ...Object.entries(condition.expectOneOf ?? {}).map(anyOf),
    ...Object.entries(condition.expectAbove ?? {}).map(above),
  ].join(' AND ');
}

function clause(keyword: string, parts: readonly string[]): string {
  return parts.length === 0 ? '' : `${keyword} ${parts.join(', ')}`;
}
