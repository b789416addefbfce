import { randomUUID } from 'node:crypto';
import type { SubmitBody, TaskView } from '../client/wire-types.ts';
import { exitCodes, usageError, type ExitCode } from '../errors/cli-error.ts';
import { jsonFormat, wantsJson, type JsonFlags } from '../output/json-output.ts';
import { taskFields } from '../output/wire-fields.ts';
import { clientOf, type CommandContext, type PlatformChoice } from '../program/context.ts';
import { textArgument } from './text-argument.ts';
import { watchTask } from './watch.ts';

export interface SubmitFlags extends PlatformChoice, JsonFlags {
  readonly repo: string;
  readonly task?: string;
  readonly taskFile?: string;
  readonly base?: string;
  readonly type?: TaskView['task_type'];
  readonly issue?: number;
  readonly pr?: number;
  readonly maxTurns?: number;
  readonly maxBudget?: number;
  readonly approvalTimeout?: number;
  readonly preApprove?: readonly string[];
  readonly idempotencyKey?: string;
  readonly watch?: true;
}

/** Submit a task; its id is the data. With `--watch` its events follow. */
export async function runSubmit(context: CommandContext, flags: SubmitFlags): Promise<ExitCode> {
  const { io, out, talk } = context;
  const isWatched = flags.watch === true;
  // With --watch the fields are those of the events that follow.
  const json = wantsJson(flags) && !isWatched ? jsonFormat(flags, taskFields, io.stdout) : undefined;
  const body = bodyOf(flags, await descriptionOf(context, flags));
  // A key of our own makes it safe to repeat a request whose answer was lost.
  const { task, replayed } = await clientOf(context, flags).submit(body, flags.idempotencyKey ?? randomUUID());
  if (json !== undefined) {
    out.raw(await json.format(task));
    return exitCodes.ok;
  }
  talk.say(replayed ? `this key made task ${task.task_id} before; it is ${task.status}` : `submitted to ${task.repo}`);
  if (!wantsJson(flags)) out.say(task.task_id);
  if (isWatched) return watchTask(context, task, flags);
  talk.say(`watch it with: bgagent watch ${task.task_id}`, 'dim');
  return exitCodes.ok;
}

async function descriptionOf({ io }: CommandContext, { task, taskFile }: SubmitFlags): Promise<string> {
  const text = await textArgument({ text: task, file: taskFile, names: ['--task', '--task-file'] }, io);
  if (text !== undefined) return text;
  throw usageError(
    'the task is missing',
    'give it with --task "…", --task-file <file>, or --task - for standard input',
  );
}

function bodyOf(flags: SubmitFlags, description: string): SubmitBody {
  const { repo, base, type, issue, pr, maxTurns, maxBudget, approvalTimeout, preApprove } = flags;
  return {
    repo: repo as SubmitBody['repo'],
    task_description: description,
    ...(type !== undefined && { task_type: type }),
    ...(base !== undefined && { base_branch: base }),
    ...(issue !== undefined && { issue_number: issue }),
    ...(pr !== undefined && { pr_number: pr }),
    ...(maxTurns !== undefined && { max_turns: maxTurns }),
    ...(maxBudget !== undefined && { max_budget_usd: maxBudget }),
    ...(approvalTimeout !== undefined && { approval_timeout_s: approvalTimeout }),
    ...(preApprove !== undefined && { initial_approvals: [...preApprove] }),
  };
}
