import { recordedWorkspace, toolInputText } from '@abca/core';
import { oneLine, span, type Line, type Tone } from '../render/line.ts';
import type { Explanation } from './explanation.ts';

const labelWidth = 10;
const outcomeWords: Readonly<Record<Explanation['outcome'], string>> = {
  allow: 'allowed',
  ask: 'asked about',
  deny: 'denied',
};
const outcomeTones: Readonly<Record<Explanation['outcome'], Tone>> = { allow: 'good', ask: 'warn', deny: 'bad' };

/** An explanation for people. Pure. */
export function explanationLines(explanation: Explanation): Line[] {
  const { task_id, seq, turn, tool_name, outcome, decided_by, meaning, reason, rules, scope, request, facts } =
    explanation;
  return [
    [
      span(`${tool_name} `, 'title'),
      span(outcomeWords[outcome], outcomeTones[outcome]),
      span(`  event ${String(seq)} of ${task_id}${turn === undefined ? '' : `, turn ${String(turn)}`}`, 'dim'),
    ],
    ...block('call', callLines(explanation), '│ '),
    ...block('decided', [decided_by === undefined ? meaning : `${decided_by}: ${meaning}`]),
    ...block('reason', reason === undefined ? [] : [reason]),
    ...block('scope', scope === undefined ? [] : [scope]),
    ...block('request', request === undefined ? [] : [`${request.request_id}, ${request.status}`]),
    ...block(rules.length === 1 ? 'rule' : 'rules', rules.flatMap(ruleTexts)),
    ...block('facts', factTexts(facts ?? {})),
  ];
}

/** What the rules were asked about, one fact a line; what is empty or false says nothing. */
export function factTexts(facts: Readonly<Record<string, unknown>>, path = ''): readonly string[] {
  return Object.entries(facts).flatMap(([name, value]) => {
    const full = path === '' ? name : `${path}.${name}`;
    if (Array.isArray(value) && value.some(isObject)) {
      return value.flatMap((item, index) => factTexts({ [`${name}[${String(index)}]`]: item as unknown }, path));
    }
    if (isObject(value)) return factTexts(value, full);
    return isTelling(value) ? [`${full} = ${factText(value)}`] : [];
  });
}

function callLines({ input }: Explanation): readonly string[] {
  if (input === undefined) return ['not recorded'];
  if (Object.keys(input).length === 0) return ['nothing in it that rules look at'];
  return toolInputText(input, recordedWorkspace).split('\n');
}

function ruleTexts({ rule_id, tier, source, summary }: Explanation['rules'][number]): readonly string[] {
  if (tier === undefined) return [`${rule_id} (not among the rules that are known now)`];
  return [`${rule_id} (${tier}, ${source ?? ''})`, ...(summary === undefined ? [] : [`  ${summary}`])];
}

function block(name: string, texts: readonly string[], mark = ''): Line[] {
  return texts.map((text, index) => [
    span(`  ${(index === 0 ? name : '').padEnd(labelWidth)}`, 'dim'),
    span(mark, 'dim'),
    span(mark === '' ? text.replaceAll(/[\r\n]+/g, ' ') : text),
  ]);
}

function factText(value: unknown): string {
  if (Array.isArray(value)) return value.map((item) => oneLine(factText(item))).join(', ');
  return typeof value === 'string' ? oneLine(value) : (JSON.stringify(value) ?? '');
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isTelling(value: unknown): boolean {
  return value !== false && value !== '' && !(Array.isArray(value) && value.length === 0);
}
