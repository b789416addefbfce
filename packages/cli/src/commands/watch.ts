import type { TaskView } from '../client/wire-types.ts';
import { askOnTerminal } from '../approvals/ask-on-terminal.ts';
import { tellOfRequest } from '../approvals/other-answers.ts';
import type { Answer } from '../approvals/request-desk.ts';
import { ApiClient } from '../client/api-client.ts';
import { CliError, exitCodes, type ExitCode } from '../errors/cli-error.ts';
import { canAsk } from '../io/terminal.ts';
import { jsonFormat, wantsJson, type JsonFlags } from '../output/json-output.ts';
import { eventFields } from '../output/wire-fields.ts';
import { choiceArgs, connectionOf, type CommandContext, type PlatformChoice } from '../program/context.ts';
import { receiptLines } from '../render/receipt-lines.ts';
import { findRemote } from './find-remote.ts';
import { followTask } from './follow-task.ts';

export interface WatchFlags extends PlatformChoice, JsonFlags {}

/** Follow one task to its receipt. 0 when it completed, 1 when it did not, 130 when the person left first. */
export async function runWatch(context: CommandContext, taskId: string, flags: WatchFlags): Promise<ExitCode> {
  const client = new ApiClient(connectionOf(context, flags), context.io);
  return watchTask(context, await client.getTask(taskId), flags);
}

/** {@link runWatch} for a task that is known already. Ctrl-C leaves the task alone. */
export async function watchTask(context: CommandContext, task: TaskView, flags: WatchFlags): Promise<ExitCode> {
  const connect = () => connectionOf(context, flags);
  const detach = new AbortController();
  const release = context.io.onInterrupt(() => {
    detach.abort();
  });
  try {
    const json = wantsJson(flags) ? jsonFormat(flags, eventFields, context.io.stdout) : undefined;
    // Who reads JSON finds the request in its event, and answers it with a command.
    const how = json === undefined ? { answer: answerOf(context, flags) } : { json };
    const ended = await followTask(context, task, { connect, signal: detach.signal, ...how });
    if (ended === undefined) throw detached(task.task_id);
    if (json === undefined) await showReceipt(context, new ApiClient(connect(), context.io), ended);
    else if (ended.status !== 'COMPLETED') throw notCompleted(ended);
    return ended.status === 'COMPLETED' ? exitCodes.ok : exitCodes.error;
  } finally {
    release();
  }
}

/** A person at a terminal is asked; anybody else is told how to answer. */
function answerOf(context: CommandContext, flags: WatchFlags): Answer {
  const choice = choiceArgs(flags);
  if (!canAsk(context)) return (pending) => tellOfRequest(context, pending, { choice });
  return (pending, { signal }) => {
    const client = new ApiClient(connectionOf(context, flags), context.io);
    return askOnTerminal(context, client, pending, { signal, choice });
  };
}

/** The receipt of a task that has ended, on stdout. */
export async function showReceipt(context: CommandContext, client: ApiClient, task: TaskView): Promise<void> {
  context.out.print([], ...receiptLines(task, await findRemote(client, task)));
}

function detached(taskId: string): CliError {
  return new CliError('DETACHED', `detached; task ${taskId} goes on`, {
    exitCode: exitCodes.detached,
    suggestion: `watch it again with: bgagent watch ${taskId}; end it with: bgagent cancel ${taskId}`,
  });
}

function notCompleted({ task_id, status, failure }: TaskView): CliError {
  const why = failure === undefined ? '' : `: ${failure.message}`;
  return new CliError(failure?.code ?? 'TASK_NOT_COMPLETED', `task ${task_id} is ${status}${why}`, {
    suggestion: `see its receipt with: bgagent status ${task_id}`,
  });
}
