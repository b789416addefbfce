import type { PendingView } from '../client/wire-types.ts';
import { exitCodes, type ExitCode } from '../errors/cli-error.ts';
import { jsonFormat, wantsJson, type JsonFlags } from '../output/json-output.ts';
import { pendingFields } from '../output/wire-fields.ts';
import { choiceArgs, clientOf, type CommandContext, type PlatformChoice } from '../program/context.ts';
import { selfCommand } from '../program/self-command.ts';
import { approvalCard } from '../render/approval-card.ts';

export interface PendingFlags extends PlatformChoice, JsonFlags {
  readonly limit: number;
}

/** The requests that wait for the caller: cards for people, rows for programs. */
export async function runPending(context: CommandContext, flags: PendingFlags): Promise<ExitCode> {
  const { io, out, talk } = context;
  const json = wantsJson(flags) ? jsonFormat(flags, pendingFields, io.stdout) : undefined;
  const open = await clientOf(context, flags).listPending(flags.limit);
  if (json !== undefined) out.raw(await json.format(open));
  else if (open.length === 0) talk.say('nothing waits for an approval');
  else if (!out.isTerminal) await printRows(context, open);
  else {
    const view = { nowMs: io.nowMs(), commands: { self: selfCommand(io.env), choice: choiceArgs(flags) } };
    out.print(...open.flatMap((pending, index) => [...(index === 0 ? [] : [[]]), ...approvalCard(pending, view)]));
  }
  return exitCodes.ok;
}

async function printRows({ out }: CommandContext, open: readonly PendingView[]): Promise<void> {
  const { tabbedRows } = await import('../render/table.ts');
  out.raw(
    tabbedRows(
      open.map(({ task_id, request_id, repo, severity, tool_name, input_preview, matching_rule_ids, expires_at }) => [
        task_id,
        request_id,
        repo,
        severity,
        tool_name,
        input_preview,
        matching_rule_ids.join(','),
        expires_at,
      ]),
    ),
  );
}
