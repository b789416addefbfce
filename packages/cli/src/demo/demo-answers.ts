import { askOnTerminal } from '../approvals/ask-on-terminal.ts';
import { approveWithoutAsking, tellOfRequest } from '../approvals/other-answers.ts';
import type { Answer } from '../approvals/request-desk.ts';
import type { ApiClient } from '../client/api-client.ts';
import { canAsk } from '../io/terminal.ts';
import type { CommandContext } from '../program/context.ts';
import type { DemoPlan } from './demo-plan.ts';

/**
 * Who answers what a demo is asked. `--yes` permits each call and says so; a person at a terminal is asked. Without either the
 * demo's own little repository is permitted, so that it runs to its end anywhere; a repository of somebody's is not.
 */
export function demoAnswer(
  context: CommandContext,
  client: ApiClient,
  { plan, yes, dataDir }: { readonly plan: DemoPlan; readonly yes: boolean; readonly dataDir: string },
): Answer {
  const choice = ['--data-dir', dataDir];
  if (!yes && canAsk(context)) {
    return (pending, { signal }) => askOnTerminal(context, client, pending, { signal, choice });
  }
  if (yes || plan.kind === 'built_in') return (pending) => approveWithoutAsking(context, client, pending);
  return (pending) => {
    tellOfRequest(context, pending, { choice });
    context.talk.say('nobody is here to ask, so it will time out; run the demo on a terminal, or with --yes', 'warn');
  };
}
