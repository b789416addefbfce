import { Option, type Command } from 'commander';
import type { PoliciesListFlags, PoliciesShowFlags } from '../commands/policies.ts';
import type { CheckFlags } from '../policy/run-check.ts';
import type { ExplainFlags } from '../policy/run-explain.ts';
import type { TestFlags } from '../policy/run-test.ts';
import { idList, repeated, tierChoices } from './option-parsers.ts';
import { allFields, forPlatform, withJson, type ProgramOptions } from './program-parts.ts';

const repoFlag = ['--repo <owner/name>', 'repository, as bgagent repo list shows it'] as const;

/** The rules of repositories, and a workbench for new ones. */
export function addPolicyCommands(program: Command, options: ProgramOptions): void {
  addPoliciesCommands(program, options);
  addWorkbench(program, options);
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

function addWorkbench(program: Command, { context, onExit }: ProgramOptions): void {
  const policy = program.command('policy').description('try out rules before a repository gets them');
  withJson(
    policy
      .command('check <files...>')
      .description('check files of rules as the platform would; - reads standard input'),
  )
    .addOption(
      new Option('--tier <tier>', 'tier of the rules; default: by their @tier, else by name').choices(tierChoices),
    )
    .action(async (files: readonly string[], flags: CheckFlags) => {
      const { runPolicyCheck } = await import('../policy/run-check.ts');
      onExit(await runPolicyCheck(context, files, allFields(flags)));
    });
  withPolicies(
    policy.command('test').description('judge calls that tasks have made by other rules; shows what would change'),
  )
    .requiredOption('--events <sources...>', 'tasks, or files written by bgagent events <task> --json')
    .option('--pre-approve <scope>', 'permitted in advance; repeat it for more', repeated)
    .option('--exit-code', 'end with 1 when a decision would change')
    .action(async (flags: TestFlags) => {
      const { runPolicyTest } = await import('../policy/run-test.ts');
      onExit(await runPolicyTest(context, allFields(flags)));
    });
  addExplain(policy, { context, onExit });
}

function addExplain(policy: Command, { context, onExit }: ProgramOptions): void {
  withPolicies(policy.command('explain').description('say why the gate decided as it did'))
    .argument('<task and number...>', 'a task and the number of an event; with --events the number alone')
    .usage('[options] <task> <number>\n       bgagent policy explain [options] --events <file> <number>')
    .option('--events <file>', 'events of one task, written by bgagent events <task> --json')
    .action(async (words: readonly string[], flags: ExplainFlags) => {
      const { runPolicyExplain } = await import('../policy/run-explain.ts');
      onExit(await runPolicyExplain(context, words, allFields(flags)));
    });
}

/** Flags that say which rules are meant. */
function withPolicies(command: Command): Command {
  return forPlatform(command, { json: true })
    .option('--repo <owner/name>', 'start from the rules of this repository; default: the built-in ones')
    .option('--hard <file>', 'hard rules, in place of those it has')
    .option('--soft <file>', 'soft rules, in place of those it has')
    .option('--disable <ids>', 'soft rules that do not apply, in place of its list, with commas; "" for none', idList);
}
