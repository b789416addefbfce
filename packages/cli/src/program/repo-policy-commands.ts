import { Option, type Command } from 'commander';
import type { RepoPolicyFlags, RepoPolicySetFlags } from '../commands/repo-policy.ts';
import { breadthChoices, idList, wholeNumber } from './option-parsers.ts';
import { allFields, forPlatform, type ProgramOptions } from './program-parts.ts';

/** What a repository says of security itself. */
export function addRepoPolicyCommands(repo: Command, { context, onExit }: ProgramOptions): void {
  const policy = repo.command('policy').description("a repository's own policies and approval settings");
  forPlatform(policy.command('show <owner/name>').description('its Cedar texts and settings'), { json: true }).action(
    async (name: string, flags: RepoPolicyFlags) => {
      const { runRepoPolicyShow } = await import('../commands/repo-policy.ts');
      onExit(await runRepoPolicyShow(context, name, allFields(flags)));
    },
  );
  forPlatform(policy.command('set <owner/name>').description('change what is named, leave the rest'), { json: true })
    .option('--hard <file>', 'Cedar rules that nobody can lift; an empty file removes them; - reads standard input')
    .option('--soft <file>', 'Cedar rules that ask a person; an empty file removes them; - reads standard input')
    .option(
      '--disable <ids>',
      'soft rules that do not apply, in place of those before, with commas; "" for none',
      idList,
    )
    .option('--gate-cap <count>', 'most approvals that one task may ask for', wholeNumber(1))
    .addOption(
      new Option('--max-pre-approval-scope <breadth>', 'widest scope that a task may be given in advance').choices(
        breadthChoices,
      ),
    )
    .option('--clear', 'start from nothing in place of what is there')
    .action(async (name: string, flags: RepoPolicySetFlags) => {
      const { runRepoPolicySet } = await import('../commands/repo-policy.ts');
      onExit(await runRepoPolicySet(context, name, allFields(flags)));
    });
}
