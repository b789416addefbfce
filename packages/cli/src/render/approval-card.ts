import { limits } from '@abca/core';
import type { PendingView } from '../client/wire-types.ts';
import { formatLeft } from './format.ts';
import { oneLine, span, visibleText, type Line, type Tone } from './line.ts';
import { shellCommand } from './shell-quote.ts';

/** What a card depends on besides its request. */
export interface CardView {
  /** Milliseconds since the epoch. */
  readonly nowMs: number;
  /** How the commands that answer are written. Absent: they are left out, as the request is answered already. */
  readonly commands?: AnswerWords;
}

/** What the commands that answer a request are made of, so that they work when pasted. */
export interface AnswerWords {
  /** The words that start this program. */
  readonly self: readonly string[];
  /** Flags by which a pasted command finds the same platform. */
  readonly choice?: readonly string[];
}

const labelWidth = 10;
const severityTones: Readonly<Record<PendingView['severity'], Tone>> = { low: 'accent', medium: 'warn', high: 'bad' };

/**
 * A request for an approval with all that a decision needs: the whole call, the rules and why, what is at stake, how long there
 * is, what could be permitted, and the commands that answer. Pure.
 */
export function approvalCard(pending: PendingView, { nowMs, commands }: CardView): Line[] {
  const { task_id, request_id, repo, tool_name, severity, reason, matching_rule_ids } = pending;
  return [
    [
      span('approval needed', 'title'),
      span(` · ${severity} · `, severityTones[severity]),
      span(formatLeft(Date.parse(pending.expires_at) - nowMs), 'warn'),
    ],
    row('task', `${task_id} on ${repo}`),
    row('request', request_id),
    row('tool', tool_name),
    ...callLines(pending.input),
    row(matching_rule_ids.length === 1 ? 'rule' : 'rules', matching_rule_ids.join(', ')),
    row('why', reason),
    ...scopeLines(pending.suggested_scopes),
    ...(commands === undefined ? [] : commandLines(answerCommands(pending, commands))),
  ];
}

function commandLines({ approve, deny }: ReturnType<typeof answerCommands>): Line[] {
  return [
    [label('approve'), span(approve, 'accent')],
    [label('deny'), span(deny, 'accent')],
  ];
}

/** The commands that answer a request, ready to be pasted into a shell. */
export function answerCommands(
  { task_id, request_id }: Pick<PendingView, 'task_id' | 'request_id'>,
  { self, choice = [] }: AnswerWords,
): { readonly approve: string; readonly deny: string } {
  const command = (verb: string): string => shellCommand([...self, verb, task_id, request_id, ...choice]);
  return { approve: command('approve'), deny: command('deny') };
}

/** Line by line behind a bar: whatever the call says, it cannot look like a part of the card. */
function callLines(input: string): Line[] {
  const lines = visibleText(input.trimEnd())
    .split('\n')
    .map((text, index): Line => [label(index === 0 ? 'call' : ''), span('│ ', 'dim'), span(text)]);
  if (input.length < limits.approvalInputChars) return lines;
  return [...lines, [label(''), span('cut: the call goes on, and the rest of it is not shown', 'bad')]];
}

function scopeLines(scopes: readonly string[]): Line[] {
  return scopes.map((scope, index) => [
    label(index === 0 ? 'scopes' : ''),
    span(`${String(index + 1)} `, 'dim'),
    span(visibleText(oneLine(scope))),
  ]);
}

function row(name: string, value: string): Line {
  return [label(name), span(visibleText(oneLine(value)))];
}

function label(name: string): { readonly text: string; readonly tone: 'dim' } {
  return { text: `  ${name.padEnd(labelWidth)}`, tone: 'dim' };
}
