import type { ApiClient } from '../client/api-client.ts';
import type { DecisionView, PendingView } from '../client/wire-types.ts';
import type { CommandContext } from '../program/context.ts';
import { selfCommand } from '../program/self-command.ts';
import { approvalCard } from '../render/approval-card.ts';

/** Show a request to whoever reads the output, with the commands that answer it. */
export function tellOfRequest(
  { io, talk }: CommandContext,
  pending: PendingView,
  { choice = [] }: { readonly choice?: readonly string[] } = {},
): void {
  const commands = { self: selfCommand(io.env), choice };
  talk.print([], ...approvalCard(pending, { nowMs: io.nowMs(), commands }));
}

/**
 * Permit the one call that is asked for without asking anybody, and say so. For runs whose owner said before that all is
 * permitted.
 *
 * @throws CliError of the platform
 */
export async function approveWithoutAsking(
  context: CommandContext,
  client: ApiClient,
  pending: PendingView,
): Promise<DecisionView> {
  context.talk.print([], ...approvalCard(pending, { nowMs: context.io.nowMs() }));
  const { task_id, request_id } = pending;
  const decision = await client.approve(task_id, { request_id, scope: 'this_call' });
  context.talk.say('approved without asking, this call only', 'dim');
  return decision;
}
