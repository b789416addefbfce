import { widestScope } from '../approvals/answer-flow.ts';
import type { ApiClient } from '../client/api-client.ts';
import type { DecisionView } from '../client/wire-types.ts';
import { CliError, exitCodes, usageError, type ExitCode } from '../errors/cli-error.ts';
import { jsonFormat, wantsJson, type JsonFlags, type JsonFormat } from '../output/json-output.ts';
import { decisionFields } from '../output/wire-fields.ts';
import { clientOf, type CommandContext, type PlatformChoice } from '../program/context.ts';
import { span } from '../render/line.ts';
import { textArgument } from './text-argument.ts';

export interface ApproveFlags extends PlatformChoice, JsonFlags {
  readonly scope?: string;
  readonly yes?: true;
}

export interface DenyFlags extends PlatformChoice, JsonFlags {
  readonly reason?: string;
  readonly reasonFile?: string;
}

/** A task, and which of its requests; absent: the one that the task waits for. */
export interface RequestChoice {
  readonly taskId: string;
  readonly requestId?: string | undefined;
}

/** Permit what a task asks for: the one call, or all that `--scope` says. */
export async function runApprove(
  context: CommandContext,
  choice: RequestChoice,
  flags: ApproveFlags,
): Promise<ExitCode> {
  const scope = flags.scope?.trim();
  if (scope === widestScope && flags.yes !== true) {
    throw usageError(
      `--scope ${widestScope} permits whatever the task does from now on without asking`,
      'add --yes if that is what you want, or choose a narrower scope from: bgagent pending',
    );
  }
  const json = jsonOf(context, flags);
  const client = clientOf(context, flags);
  const request_id = choice.requestId ?? (await openRequestOf(client, choice.taskId));
  const decision = await client.approve(choice.taskId, { request_id, ...(scope !== undefined && { scope }) });
  return show(context, decision, json);
}

/** Refuse what a task asks for; the agent is told why. */
export async function runDeny(context: CommandContext, choice: RequestChoice, flags: DenyFlags): Promise<ExitCode> {
  const json = jsonOf(context, flags);
  const names = ['--reason', '--reason-file'] as const;
  const reason = await textArgument({ text: flags.reason, file: flags.reasonFile, names }, context.io);
  const client = clientOf(context, flags);
  const request_id = choice.requestId ?? (await openRequestOf(client, choice.taskId));
  const decision = await client.deny(choice.taskId, { request_id, ...(reason !== undefined && { reason }) });
  return show(context, decision, json);
}

async function openRequestOf(client: ApiClient, taskId: string): Promise<string> {
  const { awaiting_approval_request_id, status } = await client.getTask(taskId);
  if (awaiting_approval_request_id !== undefined) return awaiting_approval_request_id;
  throw new CliError('TASK_NOT_AWAITING_APPROVAL', `task ${taskId} waits for no approval; it is ${status}`, {
    suggestion: 'list the open requests with: bgagent pending',
  });
}

function jsonOf({ io }: CommandContext, flags: JsonFlags): JsonFormat | undefined {
  return wantsJson(flags) ? jsonFormat(flags, decisionFields, io.stdout) : undefined;
}

async function show({ out }: CommandContext, decision: DecisionView, json: JsonFormat | undefined): Promise<ExitCode> {
  const { status, request_id, scope } = decision;
  if (json !== undefined) out.raw(await json.format(decision));
  else {
    const tone = status === 'APPROVED' ? 'good' : 'warn';
    out.print([span(status, tone), span(`  ${request_id}${scope === undefined ? '' : `  ${scope}`}`)]);
  }
  return exitCodes.ok;
}
