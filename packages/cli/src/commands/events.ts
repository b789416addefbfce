import { exitCodes, type ExitCode } from '../errors/cli-error.ts';
import { followEvents } from '../client/follow-events.ts';
import { jsonFormat, wantsJson, type JsonFlags } from '../output/json-output.ts';
import { eventFields } from '../output/wire-fields.ts';
import { clientOf, connectionOf, type CommandContext, type PlatformChoice } from '../program/context.ts';
import { eventLine } from '../render/event-lines.ts';
import { hasEnded } from './follow-task.ts';

export interface EventsFlags extends PlatformChoice, JsonFlags {
  readonly after: number;
  readonly limit?: number;
  readonly follow?: true;
}

/** The log of a task, as it is or, with `--follow`, as it grows; JSON is then one event a line. */
export async function runEvents(context: CommandContext, taskId: string, flags: EventsFlags): Promise<ExitCode> {
  if (flags.follow === true) return follow(context, taskId, flags);
  const { io, out } = context;
  const json = wantsJson(flags) ? jsonFormat(flags, eventFields, io.stdout) : undefined;
  const events = await clientOf(context, flags).listEvents(
    taskId,
    flags.after,
    flags.limit ?? Number.POSITIVE_INFINITY,
  );
  if (json === undefined) out.print(...events.map(eventLine));
  else out.raw(await json.format(events));
  return exitCodes.ok;
}

async function follow(context: CommandContext, taskId: string, flags: EventsFlags): Promise<ExitCode> {
  const { io, out } = context;
  const json = wantsJson(flags) ? jsonFormat(flags, eventFields, io.stdout) : undefined;
  const client = clientOf(context, flags);
  await client.getTask(taskId);
  const detach = new AbortController();
  const release = io.onInterrupt(() => {
    detach.abort();
  });
  try {
    const source = followEvents(taskId, {
      connect: () => connectionOf(context, flags),
      after: flags.after,
      isOver: async () => hasEnded(await client.getTask(taskId)),
      signal: detach.signal,
      io,
    });
    let count = 0;
    for await (const event of source) {
      if (json === undefined) out.print(eventLine(event));
      else out.raw(await json.format(event));
      count += 1;
      if (count === flags.limit) break;
    }
    return detach.signal.aborted ? exitCodes.detached : exitCodes.ok;
  } finally {
    release();
  }
}
