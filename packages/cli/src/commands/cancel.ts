import { exitCodes, type ExitCode } from '../errors/cli-error.ts';
import { jsonFormat, wantsJson, type JsonFlags } from '../output/json-output.ts';
import { clientOf, type CommandContext, type PlatformChoice } from '../program/context.ts';
import { span } from '../render/line.ts';

export interface CancelFlags extends PlatformChoice, JsonFlags {}

/** Cancel a task and say how the end of its compute was proven. 1 when it could not be stopped: it may still run. */
export async function runCancel(context: CommandContext, taskId: string, flags: CancelFlags): Promise<ExitCode> {
  const { io, out } = context;
  const json = wantsJson(flags) ? jsonFormat(flags, ['task', 'stop'], io.stdout) : undefined;
  const { task, stop } = await clientOf(context, flags).cancelTask(taskId);
  if (json !== undefined) out.raw(await json.format({ task, stop }));
  else {
    const tone = stop.outcome === 'failed' ? 'bad' : 'warn';
    out.print([span(task.status, tone), span(`  ${task.task_id}  ${stop.description}`)]);
  }
  return stop.outcome === 'failed' ? exitCodes.error : exitCodes.ok;
}
