import type { Command } from 'commander';
import type { ApproveFlags, DenyFlags } from '../commands/decide.ts';
import type { NudgeFlags } from '../commands/nudge.ts';
import type { PendingFlags } from '../commands/pending.ts';
import { wholeNumber } from './option-parsers.ts';
import { allFields, forPlatform, type ProgramOptions } from './program-parts.ts';

const requestHelp = 'id of the request; default: the one that the task waits for';

/** What people say to tasks while they run. */
export function addApprovalCommands(program: Command, options: ProgramOptions): void {
  addDecisionCommands(program, options);
  const { context, onExit } = options;
  forPlatform(program.command('nudge').description('tell the agent of a task something while it works'), { json: true })
    .argument('<task>', 'id of the task')
    .argument('[text]', 'what to tell it; - reads standard input')
    .option('--file <file>', 'file that holds the text; - reads standard input')
    .action(async (taskId: string, text: string | undefined, flags: NudgeFlags) => {
      const { runNudge } = await import('../commands/nudge.ts');
      onExit(await runNudge(context, { taskId, text }, allFields(flags)));
    });
}

function addDecisionCommands(program: Command, { context, onExit }: ProgramOptions): void {
  forPlatform(program.command('pending').description('the approvals that wait for you'), { json: true })
    .option('--limit <count>', 'at most so many', wholeNumber(1), 30)
    .action(async (flags: PendingFlags) => {
      const { runPending } = await import('../commands/pending.ts');
      onExit(await runPending(context, allFields(flags)));
    });
  forPlatform(program.command('approve').description('permit what a task asks for'), { json: true })
    .argument('<task>', 'id of the task')
    .argument('[request]', requestHelp)
    .option('--scope <scope>', 'what else is permitted from now on, such as rule:<id>; default: this_call')
    .option('--yes', 'needed for --scope all_session')
    .action(async (taskId: string, requestId: string | undefined, flags: ApproveFlags) => {
      const { runApprove } = await import('../commands/decide.ts');
      onExit(await runApprove(context, { taskId, requestId }, allFields(flags)));
    });
  forPlatform(program.command('deny').description('refuse what a task asks for'), { json: true })
    .argument('<task>', 'id of the task')
    .argument('[request]', requestHelp)
    .option('--reason <text>', 'why, for the agent; - reads standard input')
    .option('--reason-file <file>', 'file that says why; - reads standard input')
    .action(async (taskId: string, requestId: string | undefined, flags: DenyFlags) => {
      const { runDeny } = await import('../commands/decide.ts');
      onExit(await runDeny(context, { taskId, requestId }, allFields(flags)));
    });
}
