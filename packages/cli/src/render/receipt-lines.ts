import type { ReceiptView, TaskView } from '../client/wire-types.ts';
import { formatCount, formatDiff, formatDuration, formatMoney, plural } from './format.ts';
import { oneLine, span, type Line, type Tone } from './line.ts';
import { gateLines } from './gate-lines.ts';
import { lookCommand, type Remote } from './look-command.ts';

const labelWidth = 10;

const outcomes: Readonly<Record<ReceiptView['outcome'], string>> = {
  delivered: 'delivered and verified on the remote',
  no_changes: 'nothing was changed',
  work_saved: 'not delivered, but the work is saved on the remote',
  not_delivered: 'not delivered',
};

/** How a task ended: what the remote shows, what it cost, and how to look at it. Pure. */
export function receiptLines(task: TaskView, remote?: Remote): Line[] {
  const { receipt, failure, summary } = task;
  const look = receipt === undefined || remote === undefined ? undefined : lookCommand(receipt, remote);
  return [
    headline(task),
    ...fields([
      ['why', failure && `${failure.code}: ${failure.message}`],
      ['missing', failure === undefined ? receipt?.why : undefined],
      ...(receipt === undefined ? [] : deliveryFields(receipt)),
      ['model', receipt?.model ?? task.usage?.model],
      ['spent', spentText(task)],
      ['summary', summary],
    ]),
    ...gateLines(receipt?.gate),
    ...(look === undefined ? [] : [[span('Look at it:', 'title')], [span('  '), span(look, 'accent')]]),
  ];
}

function headline({ status, receipt, created_at, ended_at }: TaskView): Line {
  const took = ended_at === undefined ? '' : ` in ${formatDuration(Date.parse(ended_at) - Date.parse(created_at))}`;
  const what = receipt === undefined ? '' : ` · ${outcomes[receipt.outcome] ?? receipt.outcome}`;
  return [span(status, toneOf(status)), span(`${took}${what}`)];
}

/** What a status means to a person. */
export function toneOf(status: string): Tone {
  if (status === 'COMPLETED') return 'good';
  if (status === 'FAILED' || status === 'TIMED_OUT') return 'bad';
  return status === 'CANCELLED' ? 'warn' : 'accent';
}

type Field = readonly [label: string, value: string | undefined];

function deliveryFields(receipt: ReceiptView): Field[] {
  const { branch, head_sha, wip_ref, wip_sha, commits, base_branch, pr_number, pr_url, review_url } = receipt;
  const isSaved = receipt.outcome === 'work_saved';
  const sha = isSaved ? (wip_sha ?? head_sha) : head_sha;
  const onBase = base_branch === undefined ? '' : ` on ${base_branch}`;
  return [
    ['branch', isSaved ? wip_ref : branch],
    ['commit', sha && `${sha}${commits > 0 ? ` (${plural(commits, 'commit')}${onBase})` : ''}`],
    ['diff', sha && formatDiff(receipt.files_changed, receipt.insertions, receipt.deletions)],
    ['pr', pr_url && `${pr_number === undefined ? '' : `#${String(pr_number)} `}${pr_url}`],
    ['review', review_url],
  ];
}

function spentText({ usage }: TaskView): string | undefined {
  if (usage === undefined) return undefined;
  const { cost_usd, turns, input_tokens, output_tokens } = usage;
  return `${formatMoney(cost_usd)} · ${plural(turns, 'turn')} · ${formatCount(input_tokens)} tokens in, ${formatCount(output_tokens)} out`;
}

/** `label  value` lines; fields without a value are left out. */
export function fields(entries: readonly Field[]): Line[] {
  return entries
    .filter((entry): entry is readonly [string, string] => entry[1] !== undefined && entry[1] !== '')
    .map(([label, value]) => [span(`  ${label.padEnd(labelWidth)}`, 'dim'), span(oneLine(value))]);
}
