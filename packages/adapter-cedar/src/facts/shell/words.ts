import type { Assignment, ParameterExpansionPart, Word, WordPart } from 'unbash';
import { homeOf } from '../path-facts.ts';
import { braceTexts } from './braces.ts';
import type { Machine } from './machine.ts';
import { parameterTexts, type ParameterContext } from './parameter-operations.ts';
import type { Scope } from './scope.ts';
import { anyOne, harmless, star, unknown, withoutMarks } from './text.ts';
import { isUnset, valuesOf } from './values.ts';

/** Where a word is expanded. */
export interface WordContext {
  readonly scope: Scope;
  readonly machine: Machine;
}

/** A part of a word: one of the texts it may stand for. */
interface Piece {
  readonly text: string;
  /** Whether the shell splits it at blanks. */
  readonly splits: boolean;
}

/** More combinations than this are not told apart. */
const maxAlternatives = 64;
/** A longer word is not known. As long as the longest command that is read. */
const maxChars = 100_000;

/** Every list of fields that the word may become. A brace expansion is several fields of one list. */
export function alternativesOf(word: Word, context: WordContext): readonly (readonly string[])[] {
  const combinations = product(partsOf(word).map((part) => piecesOf(part, context, false)));
  if (combinations === undefined) return [[unknown]];
  const lists = combinations.map((pieces) =>
    fieldsOf(tildePiece(word, pieces, context), isEmptyable(word), separatorsOf(context.scope)),
  );
  return word.parts?.some((part) => part.type === 'BraceExpansion') ? [lists.flat()] : lists;
}

/** The fields of a word, whatever its alternatives are: for arguments, of which more are judged rather than fewer. */
export function fieldsOfWord(word: Word | Assignment, context: WordContext): readonly string[] {
  if (word.type === 'Assignment') return assignedTexts(word, context).map((text) => `${word.name}=${text}`);
  return alternativesOf(word, context).flat();
}

/** The texts that a word stands for where the shell does not split it. */
export function textsOfWord(word: Word, context: WordContext): readonly string[] {
  const combinations = product(partsOf(word).map((part) => piecesOf(part, context, true)));
  return combinations?.map((pieces) => joined(tildePiece(word, pieces, context))) ?? [unknown];
}

/** The values that an assignment may give. Elements of an array are values. */
export function assignedTexts(assignment: Assignment, context: WordContext): readonly string[] {
  const { value } = assignment;
  const texts =
    value.type === 'ArrayValue'
      ? value.elements.flatMap((element) => alternativesOf(element, context).flat())
      : textsOfWord(value, context);
  if (!assignment.append) return texts;
  const before = context.scope.find(assignment.name) ?? [''];
  return value.type === 'ArrayValue' ? [...before, ...texts] : before.flatMap((old) => texts.map((text) => old + text));
}

/** The text of parts that stand side by side, such as a here-document. */
export function textOfParts(parts: readonly WordPart[], context: WordContext): string {
  const combinations = product(parts.map((part) => piecesOf(part, context, true)));
  return combinations?.map(joined).join('\n') ?? unknown;
}

function partsOf(word: Word): readonly WordPart[] {
  if (word.parts !== undefined) return word.parts;
  return [{ type: 'SingleQuoted', pos: word.pos, end: word.end, text: word.text, value: word.value }];
}

/** Whether the word disappears when its expansions are empty. */
function isEmptyable(word: Word): boolean {
  return word.parts?.every((part) => /Expansion$/.test(part.type)) ?? false;
}

function piecesOf(part: WordPart, context: WordContext, quoted: boolean): readonly Piece[] {
  switch (part.type) {
    case 'Literal':
    case 'SingleQuoted':
      return [{ text: part.value, splits: false }];
    case 'AnsiCQuoted':
      return [{ text: withoutMarks(part.value), splits: false }];
    case 'DoubleQuoted':
    case 'LocaleString':
      return quotedPieces(part.parts, context);
    case 'Glob':
      return [{ text: part.kind === 'star' ? star : anyOne, splits: false }];
    case 'ExtendedGlob':
      return [{ text: star, splits: false }];
    case 'BraceExpansion':
      return braceTexts(part.text).map((text) => ({ text, splits: false }));
    case 'ArithmeticExpansion':
      return [{ text: harmless, splits: false }];
    default:
      return expansionTexts(part, context).map((text) => ({ text, splits: !quoted || isList(part) }));
  }
}

function quotedPieces(parts: readonly WordPart[], context: WordContext): readonly Piece[] {
  const list = parts.some(isList);
  const combinations = product(parts.map((part) => piecesOf(part, context, true)));
  return combinations?.map((pieces) => ({ text: joined(pieces), splits: list })) ?? [{ text: unknown, splits: false }];
}

type Expansion = Extract<
  WordPart,
  { type: 'SimpleExpansion' | 'ParameterExpansion' | 'CommandExpansion' | 'ProcessSubstitution' }
>;

function expansionTexts(part: Expansion, context: WordContext): readonly string[] {
  const { scope, machine } = context;
  switch (part.type) {
    case 'SimpleExpansion':
      return valuesOf(part.text.slice(1), scope, machine);
    case 'ParameterExpansion':
      return isList(part) ? [valuesOf(part.parameter, scope, machine).join(' ')] : ofParameter(part, context);
    case 'CommandExpansion':
      return [part.script === undefined ? unknown : machine.runParsed(part.script, scope.fork()).replace(/\n+$/, '')];
    case 'ProcessSubstitution':
      return [machine.openText(part.script === undefined ? unknown : machine.runParsed(part.script, scope.fork()))];
  }
}

function ofParameter(part: ParameterExpansionPart, context: WordContext): readonly string[] {
  const { scope, machine } = context;
  const parameters: ParameterContext = {
    values: (name) => valuesOf(name, scope, machine),
    isUnset: (name) => isUnset(name, scope, machine),
    assign: (name, values) => {
      scope.assign(name, values);
    },
    texts: (word) => textsOfWord(word, context),
  };
  return parameterTexts(part, parameters);
}

/** `$@`, `$*`, `${name[@]}`: several words at once, even in quotes. */
function isList(part: WordPart): boolean {
  if (part.type === 'SimpleExpansion') return part.text === '$@' || part.text === '$*';
  if (part.type !== 'ParameterExpansion' || part.operation !== undefined || part.prefix !== undefined) return false;
  return ['@', '*'].includes(part.parameter) || ['@', '*'].includes(part.index?.text ?? '');
}

function tildePiece(word: Word, pieces: readonly Piece[], { scope, machine }: WordContext): readonly Piece[] {
  const [first, ...rest] = pieces;
  if (first === undefined || !word.text.startsWith('~')) return pieces;
  return [{ ...first, text: expandTilde(first.text, homeOf(machine.where), scope) }, ...rest];
}

function expandTilde(text: string, home: string, scope: Scope): string {
  const [, name = '', tail = ''] = /^~([^/]*)(.*)$/s.exec(text) ?? [];
  if (name === '') return home + tail;
  if (name === '+') return (scope.cwds[0] ?? unknown) + tail;
  if (name === '-') return (scope.previousCwds[0] ?? unknown) + tail;
  return (name === 'root' ? '/root' : `/home/${name}`) + tail;
}

function joined(pieces: readonly Piece[]): string {
  return pieces.map(({ text }) => text).join('');
}

/** Blanks always, and what IFS may be: rather one field too many than a command that is not seen. */
function separatorsOf(scope: Scope): RegExp {
  const chars = [...new Set((scope.find('IFS') ?? []).join(''))].filter((char) => /[!-/:-@[-`{-~\w]/.test(char));
  return new RegExp(`[ \\t\\n${chars.map((char) => char.replace(/\W/, '\\$&')).join('')}]+`);
}

function fieldsOf(pieces: readonly Piece[], emptyable: boolean, separators: RegExp): readonly string[] {
  const fields: string[] = [];
  let current: string | undefined;
  for (const { text, splits } of pieces) {
    if (!splits) {
      current = (current ?? '') + text;
      continue;
    }
    const [head = '', ...tail] = text.split(separators);
    current = head === '' && current === undefined ? undefined : (current ?? '') + head;
    for (const next of tail) {
      if (current !== undefined) fields.push(current);
      current = next === '' ? undefined : next;
    }
  }
  if (current !== undefined) fields.push(current);
  return fields.length === 0 && !emptyable ? [''] : fields;
}

/** All combinations of one piece per part; `undefined` when there are too many or they are too long. */
function product(parts: readonly (readonly Piece[])[]): readonly (readonly Piece[])[] | undefined {
  let combinations: Piece[][] = [[]];
  let chars = 0;
  for (const pieces of parts) {
    chars += pieces.reduce((longest, { text }) => Math.max(longest, text.length), 0);
    if (combinations.length * pieces.length > maxAlternatives || chars > maxChars) return undefined;
    const [only] = pieces;
    if (only !== undefined && pieces.length === 1) for (const before of combinations) before.push(only);
    else combinations = combinations.flatMap((before) => pieces.map((piece) => [...before, piece]));
  }
  return combinations;
}
