import { Option, type Command } from 'commander';
import type { PoliciesListFlags, PoliciesShowFlags } from '../commands/policies.ts';
import { tierChoices } from './option-parsers.ts';
import { allFields, forPlatform, type ProgramOptions } from './program-parts.ts';

const repoFlag = ['--repo <owner/name>', 'repository, as bgagent repo list shows it'] as const;

/** The rules of repositories, and a workbench for new ones. */
export function addPolicyCommands(program: Command, options: ProgramOptions): void {
  addPoliciesCommands(program, options);
}

function addPoliciesCommands(program: Command, { context, onExit }: ProgramOptions): void {
  const policies = program.command('policies').description('the rules that hold for tool calls');
  forPlatform(policies.command('list').alias('ls').description('the rules of a repository, by id'), { json: true })
    .requiredOption(...repoFlag)
    .addOption(new Option('--tier <tier>', 'only these').choices(tierChoices))
    .action(async (flags: PoliciesListFlags) => {
      const { runPoliciesList } = await import('../commands/policies.ts');
      onExit(await runPoliciesList(context, allFields(flags)));
    });
  forPlatform(policies.command('show').description('one rule'), { json: true })
    .requiredOption(...repoFlag)
    .requiredOption('--rule <id>', 'its id')
    .action(async (flags: PoliciesShowFlags) => {
      const { runPoliciesShow } = await import('../commands/policies.ts');
      onExit(await runPoliciesShow(context, allFields(flags)));
    });
}
