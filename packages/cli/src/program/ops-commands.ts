import type { Command } from 'commander';
import type { OpsFlags, OpsSessionsFlags } from '../commands/ops.ts';
import { wholeNumber } from './option-parsers.ts';
import { allFields, forPlatform, type ProgramOptions } from './program-parts.ts';

/** What operators of a platform see and do: everybody's sessions, and what is left over of them. */
export function addOpsCommands(program: Command, { context, onExit }: ProgramOptions): void {
  const ops = program.command('ops').description('for operators: what runs for anybody, and what is left over');
  forPlatform(ops.command('sessions').description('who runs where: the sessions whose end is not proven'), {
    json: true,
  })
    .option('--all', 'those too whose end is proven, with the proof')
    .option('--limit <count>', 'at most so many', wholeNumber(1), 100)
    .action(async (flags: OpsSessionsFlags) => {
      const { runOpsSessions } = await import('../commands/ops.ts');
      onExit(await runOpsSessions(context, allFields(flags)));
    });
  forPlatform(ops.command('stop <session>').description('stop a session; says how its end was proven'), {
    json: true,
  }).action(async (session: string, flags: OpsFlags) => {
    const { runOpsStop } = await import('../commands/ops.ts');
    onExit(await runOpsStop(context, session, allFields(flags)));
  });
  forPlatform(ops.command('reconcile').description('look after stranded tasks, orphaned sessions and slots now'), {
    json: true,
  }).action(async (flags: OpsFlags) => {
    const { runOpsReconcile } = await import('../commands/ops.ts');
    onExit(await runOpsReconcile(context, allFields(flags)));
  });
}
