import { globToMarks, harmless, unknown } from './text.ts';

/** The texts of a brace expansion such as `{a,b{1,2}}`. Ranges are harmless; an expansion inside is not known. */
export function braceTexts(text: string): readonly string[] {
  const inner = text.slice(1, -1);
  const choices = splitChoices(inner);
  if (choices.length === 1) return [/^[\w-]+\.\.[\w-]+(?:\.\.-?\d+)?$/.test(inner) ? harmless : choiceText(text)];
  return choices.flatMap(expandNested);
}

function expandNested(choice: string): readonly string[] {
  const open = choice.indexOf('{');
  const close = matchingBrace(choice, open);
  if (open < 0 || close < 0) return [choiceText(choice)];
  const [head, body, tail] = [choice.slice(0, open), choice.slice(open, close + 1), choice.slice(close + 1)];
  return braceTexts(body).flatMap((middle) => expandNested(tail).map((end) => choiceText(head) + middle + end));
}

function choiceText(choice: string): string {
  if (/[$`]/.test(choice)) return unknown;
  return globToMarks(choice.replaceAll(/['"\\]/g, ''));
}

function matchingBrace(text: string, open: number): number {
  let depth = 0;
  for (let index = Math.max(open, 0); index < text.length; index++) {
    if (text[index] === '{') depth++;
    if (text[index] === '}' && --depth === 0) return index;
  }
  return -1;
}

function splitChoices(text: string): readonly string[] {
  const choices = [''];
  let depth = 0;
  for (const char of text) {
    if (char === '{') depth++;
    if (char === '}') depth--;
    if (char === ',' && depth === 0) choices.push('');
    else choices[choices.length - 1] += char;
  }
  return choices;
}
