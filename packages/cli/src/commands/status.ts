import { exitCodes, type ExitCode } from '../errors/cli-error.ts';
import { jsonFormat, wantsJson, type JsonFlags } from '../output/json-output.ts';
import { taskFields } from '../output/wire-fields.ts';
import { clientOf, type CommandContext, type PlatformChoice } from '../program/context.ts';
import { taskLines } from '../render/task-lines.ts';
import { findRemote } from './find-remote.ts';

export interface StatusFlags extends PlatformChoice, JsonFlags {}

/** One task: where it stands, and its receipt once it has ended. */
export async function runStatus(context: CommandContext, taskId: string, flags: StatusFlags): Promise<ExitCode> {
  const { io, out } = context;
  const json = wantsJson(flags) ? jsonFormat(flags, taskFields, io.stdout) : undefined;
  const client = clientOf(context, flags);
  const task = await client.getTask(taskId);
  if (json !== undefined) out.raw(await json.format(task));
  else out.print(...taskLines(task, io.nowMs(), await findRemote(client, task)));
  return exitCodes.ok;
}
