import type { TaskView } from '../client/wire-types.ts';
import { formatAge, formatMoney, plural } from './format.ts';
import { oneLine, span, type Line } from './line.ts';
import { fields, receiptLines, toneOf } from './receipt-lines.ts';
import { shellCommand } from './shell-quote.ts';
import type { Remote } from './look-command.ts';

/** A task as `status` shows it: where it stands and, once it has ended, its receipt. Pure. */
export function taskLines(task: TaskView, nowMs: number, remote?: Remote): Line[] {
  const { task_id, status, receipt, session } = task;
  const age = formatAge(nowMs - Date.parse(task.created_at));
  const head: Line = [span(task_id, 'title'), span('  '), span(status, toneOf(status))];
  const rows = fields([
    ['repo', task.repo],
    ['type', task.task_type],
    ['task', oneLine(task.task_description)],
    ['submitted', `${age} (${task.created_at})`],
    ['session', session?.compute_type === undefined ? session?.id : `${session.compute_type} · ${session.id}`],
    ['branch', receipt === undefined ? task.branch : undefined],
    ['limits', limitsText(task)],
    ['permitted', task.initial_approvals?.join(', ')],
    ['waits for', waitsFor(task)],
  ]);
  const hasEnded = receipt !== undefined || task.ended_at !== undefined;
  return hasEnded ? [head, ...rows, ...receiptLines(task, remote)] : [head, ...rows];
}

/** The command that answers what the task waits for. */
function waitsFor({ task_id, awaiting_approval_request_id: request }: TaskView): string | undefined {
  return request === undefined ? undefined : `approval ${request}: ${shellCommand(['bgagent', 'approve', task_id])}`;
}

function limitsText({
  max_turns,
  max_budget_usd,
  approval_timeout_s,
  approval_gate_cap,
}: TaskView): string | undefined {
  const parts = [
    max_turns === undefined ? undefined : `${String(max_turns)} turns`,
    max_budget_usd === undefined ? undefined : formatMoney(max_budget_usd),
    approval_gate_cap === undefined ? undefined : plural(approval_gate_cap, 'approval'),
    approval_timeout_s === undefined ? undefined : `${String(approval_timeout_s)} s for each`,
  ].filter((part) => part !== undefined);
  return parts.length === 0 ? undefined : parts.join(', ');
}
