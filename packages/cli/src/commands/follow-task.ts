import type { EventView, TaskView } from '../client/wire-types.ts';
import { ApiClient } from '../client/api-client.ts';
import { RequestDesk, type Answer } from '../approvals/request-desk.ts';
import type { Connection } from '../client/connection.ts';
import { followEvents } from '../client/follow-events.ts';
import { startLiveLine } from '../io/live-line.ts';
import type { JsonFormat } from '../output/json-output.ts';
import type { CommandContext } from '../program/context.ts';
import { formatDuration } from '../render/format.ts';
import { isWatched, watchLine } from '../render/watch-lines.ts';

/** Outages shorter than this are not worth a word, milliseconds. */
const tellAfterMs = 1_000;
const terminalStatuses = ['COMPLETED', 'FAILED', 'CANCELLED', 'TIMED_OUT'];

/** How a task is followed to its end. */
export interface FollowTaskOptions {
  /** Asked again at every connection. */
  readonly connect: () => Connection;
  /** Number of the last event that is not to be shown. Default 0. */
  readonly after?: number;
  /** Events as JSON, one a line, in place of lines for people. */
  readonly json?: JsonFormat;
  /** Who is told of the approvals that the task asks for. Absent: nobody. */
  readonly answer?: Answer;
  /** Ends the following, not the task. */
  readonly signal: AbortSignal;
}

/**
 * Show the events of a task as they happen until it has ended.
 *
 * @returns the task as it ended; `undefined` when the signal came first
 * @throws CliError when the platform refuses
 */
export async function followTask(
  context: CommandContext,
  task: TaskView,
  options: FollowTaskOptions,
): Promise<TaskView | undefined> {
  const { connect, json, signal, answer } = options;
  const { io, out } = context;
  const client = (): ApiClient => new ApiClient(connect(), io);
  const startedAtMs = Date.parse(task.created_at);
  const stopLive = json === undefined ? startLiveLine(context, () => formatDuration(io.nowMs() - startedAtMs)) : stop;
  const desk = answer && new RequestDesk(context, { client, answer, signal });
  try {
    for await (const event of eventsOf(context, task, options)) {
      if (json !== undefined) out.raw(await json.format(event));
      else if (isWatched(event)) out.print(watchLine(event, { startedAtMs, ...widthOf(context) }));
      desk?.see(event);
    }
    return signal.aborted ? undefined : await client().getTask(task.task_id);
  } finally {
    await desk?.close();
    stopLive();
  }
}

function eventsOf(
  { io, talk }: CommandContext,
  { task_id }: TaskView,
  { connect, after = 0, signal }: FollowTaskOptions,
): AsyncGenerator<EventView> {
  return followEvents(task_id, {
    connect,
    after,
    signal,
    io,
    isOver: async () => hasEnded(await new ApiClient(connect(), io).getTask(task_id)),
    onCut: (waitMs, error) => {
      if (waitMs < tellAfterMs) return;
      talk.say(`no connection (${error?.message ?? 'cut'}); trying again in ${formatDuration(waitMs)}`, 'dim');
    },
  });
}

function stop(): void {
  // Nothing moves where JSON is written.
}

/** Whether a task is in a status that it never leaves. */
export function hasEnded({ status }: TaskView): boolean {
  return terminalStatuses.includes(status);
}

function widthOf({ io, out }: CommandContext): { width?: number } {
  const width = io.stdout.columns ?? 0;
  // A terminal of unknown size says 0.
  return out.isTerminal && width > 0 ? { width } : {};
}
