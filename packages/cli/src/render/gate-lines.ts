import type { ReceiptView } from '../client/wire-types.ts';
import { plural } from './format.ts';
import { oneLine, span, type Line, type Tone } from './line.ts';

type Gate = NonNullable<ReceiptView['gate']>;
type Named = Gate['named'][number];

const outcomes: Readonly<Record<Named['outcome'], { readonly word: string; readonly tone: Tone }>> = {
  hard_denied: { word: 'forbidden', tone: 'bad' },
  approved: { word: 'approved', tone: 'good' },
  denied: { word: 'denied', tone: 'bad' },
  timed_out: { word: 'no answer', tone: 'warn' },
  permitted: { word: 'permitted', tone: 'good' },
  refused: { word: 'refused', tone: 'warn' },
  stranded: { word: 'left open', tone: 'warn' },
};

const wordWidth = 10;

/** What the policy had a say in: how many calls were judged, and each of which a rule said something. Pure. */
export function gateLines(gate: ReceiptView['gate']): Line[] {
  if (gate === undefined) return [];
  const all = gate.counts.reduce((sum, { count }) => sum + count, 0);
  const more = all - gate.named.length;
  return [
    [
      span('  policy    ', 'dim'),
      span(`${plural(gate.calls, 'call')} judged, ${String(gate.calls - all)} of no concern`),
    ],
    ...gate.named.map(namedLine),
    ...(more > 0 ? [[span(`            and ${String(more)} more`, 'dim')]] : []),
  ];
}

function namedLine({ outcome, tool, call, rule_ids, scope, reason }: Named): Line {
  const { word, tone } = outcomes[outcome];
  const notes = [rule_ids.join(', '), scope, reason].filter((note) => note !== undefined && note !== '');
  return [
    span(`    ${word.padEnd(wordWidth)}`, tone),
    span(`${tool} ${oneLine(call)}`),
    span(notes.length === 0 ? '' : `  ${notes.map((note) => oneLine(note ?? '')).join(' · ')}`, 'dim'),
  ];
}
