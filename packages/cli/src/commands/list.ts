import type { TaskView } from '../client/wire-types.ts';
import { exitCodes, type ExitCode } from '../errors/cli-error.ts';
import { jsonFormat, wantsJson, type JsonFlags } from '../output/json-output.ts';
import { taskFields } from '../output/wire-fields.ts';
import { clientOf, type CommandContext, type PlatformChoice } from '../program/context.ts';
import { formatAge, truncate } from '../render/format.ts';
import { oneLine } from '../render/line.ts';

export interface ListFlags extends PlatformChoice, JsonFlags {
  readonly limit: number;
  readonly status?: readonly string[];
}

const headings = ['ID', 'STATUS', 'REPO', 'TASK', 'AGE'];
const taskWidth = 48;

/** The caller's tasks, newest first. */
export async function runList(context: CommandContext, flags: ListFlags): Promise<ExitCode> {
  const { io, out, talk } = context;
  const json = wantsJson(flags) ? jsonFormat(flags, taskFields, io.stdout) : undefined;
  const tasks = await clientOf(context, flags).listTasks(flags.limit, flags.status);
  if (json !== undefined) out.raw(await json.format(tasks));
  else if (tasks.length === 0) talk.say('no tasks; submit one with: bgagent submit --repo <owner/name> --task "…"');
  else await printTasks(context, tasks);
  return exitCodes.ok;
}

async function printTasks({ io, out }: CommandContext, tasks: readonly TaskView[]): Promise<void> {
  const { tabbedRows, tableLines } = await import('../render/table.ts');
  if (!out.isTerminal) {
    out.raw(
      tabbedRows(
        tasks.map(({ task_id, status, repo, task_description, created_at }) => [
          task_id,
          status,
          repo,
          task_description,
          created_at,
        ]),
      ),
    );
    return;
  }
  const rows = tasks.map((task) => [
    task.task_id,
    task.status,
    task.repo,
    truncate(oneLine(task.task_description), taskWidth),
    formatAge(io.nowMs() - Date.parse(task.created_at)),
  ]);
  out.print(...tableLines(headings, rows));
}
