import type { ParameterExpansionPart, ParameterOperation, Word } from 'unbash';
import { harmless, hasGlob, hasUnknown, star, unknown } from './text.ts';

/** What an expansion needs to know of its surroundings. */
export interface ParameterContext {
  values(name: string): readonly string[];
  isUnset(name: string): boolean;
  assign(name: string, values: readonly string[]): void;
  /** The texts a word may stand for, unsplit. */
  texts(word: Word): readonly string[];
}

/** Every text that `${…}` may stand for. */
export function parameterTexts(part: ParameterExpansionPart, context: ParameterContext): readonly string[] {
  const { parameter, prefix, operation } = part;
  if (prefix === '#') return [harmless];
  if (prefix === '!') return context.values(parameter).flatMap((name) => context.values(name));
  if (operation === undefined) return context.values(parameter);
  return operate(parameter, operation, context);
}

function operate(parameter: string, operation: ParameterOperation, context: ParameterContext): readonly string[] {
  switch (operation.type) {
    case 'Default':
      return orDefault(parameter, operation.operator, context.texts(operation.operand), context);
    case 'Remove':
      return combine(context.values(parameter), context.texts(operation.operand), (value, pattern) =>
        removeAffix(value, pattern, operation.operator),
      );
    case 'Replace':
      return combine(context.values(parameter), context.texts(operation.pattern), (value, pattern) =>
        context.texts(operation.replacement).map((text) => replacePart(value, pattern, text, operation.operator)),
      );
    case 'CaseModification':
      return context.values(parameter).flatMap((value) => [value, value.toLowerCase(), value.toUpperCase()]);
    case 'Slice':
      return combine(context.values(parameter), context.texts(operation.offset), (value, offset) =>
        slice(value, offset, operation.length === undefined ? [undefined] : context.texts(operation.length)),
      );
    case 'Transform':
    case 'Names':
    case 'Unknown':
      return [unknown];
    default:
      return operation satisfies never;
  }
}

function orDefault(
  parameter: string,
  operator: string,
  operand: readonly string[],
  context: ParameterContext,
): readonly string[] {
  if (operator.endsWith('+')) return [...operand, ''];
  // The shell's environment is an allow-list, so that a variable nobody has set is taken to be unset here.
  const values = context.isUnset(parameter) ? [] : context.values(parameter);
  if (operator.endsWith('?')) return values.length === 0 ? [unknown] : values;
  if (operator.endsWith('=')) context.assign(parameter, [...values, ...operand]);
  const mayBeEmpty = values.length === 0 || values.some((value) => value === '' || hasUnknown(value));
  return mayBeEmpty ? [...values.filter((value) => value !== ''), ...operand] : values;
}

function removeAffix(value: string, pattern: string, operator: string): readonly string[] {
  if (hasUnknown(value) || hasUnknown(pattern)) return [unknown];
  if (!hasGlob(pattern)) return [removeLiteral(value, pattern, operator.startsWith('#'))];
  if (pattern === `${star}/` && operator === '##') return [value.slice(value.lastIndexOf('/') + 1)];
  if (pattern === `/${star}` && operator === '%') return [value.slice(0, Math.max(0, value.lastIndexOf('/')))];
  if (pattern === `.${star}` && operator === '%') return [value.slice(0, value.lastIndexOf('.') + 1).slice(0, -1)];
  return [unknown];
}

function removeLiteral(value: string, affix: string, front: boolean): string {
  if (front) return value.startsWith(affix) ? value.slice(affix.length) : value;
  return affix !== '' && value.endsWith(affix) ? value.slice(0, -affix.length) : value;
}

function replacePart(value: string, pattern: string, text: string, operator: string): string {
  if (hasUnknown(value + pattern + text) || hasGlob(pattern)) return unknown;
  if (operator === '//') return value.replaceAll(pattern, () => text);
  if (operator === '/#') return value.startsWith(pattern) ? text + value.slice(pattern.length) : value;
  if (operator === '/%') return value.endsWith(pattern) ? removeLiteral(value, pattern, false) + text : value;
  return value.replace(pattern, () => text);
}

function slice(value: string, offset: string, lengths: readonly (string | undefined)[]): readonly string[] {
  return lengths.map((length) => {
    const numbers = [offset, length ?? '0'].map((text) => text.trim());
    if (hasUnknown(value) || !numbers.every((text) => /^-?\d+$/.test(text))) return unknown;
    const rest = value.slice(Number(offset));
    return length === undefined ? rest : rest.slice(0, Number(length));
  });
}

function combine(
  values: readonly string[],
  operands: readonly string[],
  apply: (value: string, operand: string) => readonly string[],
): readonly string[] {
  return values.flatMap((value) => operands.flatMap((operand) => apply(value, operand)));
}
