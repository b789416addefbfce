import { Command, Option } from 'commander';
import type { RepoAddFlags, RepoFlags } from '../commands/repo.ts';
import type { DemoFlags } from '../demo/run-demo.ts';
import type { DoctorFlags } from '../doctor/run-doctor.ts';
import type { SubmitFlags } from '../commands/submit.ts';
import type { EventsFlags } from '../commands/events.ts';
import type { ListFlags } from '../commands/list.ts';
import type { StatusFlags } from '../commands/status.ts';
import type { UpFlags } from '../commands/up.ts';
import { addApprovalCommands } from './approval-commands.ts';
import { withChannelFlags } from './channel-options.ts';
import { withForgeFlags } from './forge-options.ts';
import { dollars, nameList, repeated, statusList, taskTypeChoices, wholeNumber } from './option-parsers.ts';
import { addNotificationCommands } from './notification-commands.ts';
import { addOpsCommands } from './ops-commands.ts';
import { addPolicyCommands } from './policy-commands.ts';
import { allFields, forPlatform, type ProgramOptions } from './program-parts.ts';
import { addRepoPolicyCommands } from './repo-policy-commands.ts';

/** Shown by `bgagent --version`. */
export const version = '0.1.0';

/** Shells that completion is made for. */
export const shells = ['bash', 'zsh', 'fish', 'powershell'] as const;

/** Every command with its flags. The work of each is loaded when it runs, so that `--help` is fast. */
export function createProgram(options: ProgramOptions): Command {
  const program = new Command('bgagent')
    .description('Background coding agents: submit a task, come back to a verified branch.')
    .version(version, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print help')
    .helpCommand('help [command]', 'print help of a command')
    .configureHelp({ sortOptions: false })
    .exitOverride();
  addPlatformCommands(program, options);
  addTaskCommands(program, options);
  addApprovalCommands(program, options);
  addRepoCommands(program, options);
  addPolicyCommands(program, options);
  addNotificationCommands(program, options);
  addOpsCommands(program, options);
  addHelperCommands(program, options);
  return program;
}

function addPlatformCommands(program: Command, { context, onExit }: ProgramOptions): void {
  program
    .command('demo')
    .description('run one task from submit to receipt, on a platform of its own')
    .option('--repo <path or URL>', 'a repository of yours; default: a small one with a real bug, made on the spot')
    .option('--task <text>', 'what to do in it')
    .option('--base <branch>', 'branch to start from')
    .option('--script <file>', 'script of the scripted model, when there are no credentials')
    .option('-y, --yes', 'permit what the policy asks about, without asking')
    .option('--data-dir <folder>', 'keep the demo in this folder; default: a temporary one')
    .option('--log-level <level>', 'debug, info, warn or error', 'info')
    .action(async (flags: DemoFlags) => {
      const { runDemo } = await import('../demo/run-demo.ts');
      onExit(await runDemo(context, flags));
    });
  const up = program
    .command('up')
    .description('run the platform on this machine until Ctrl-C')
    .option('--data-dir <folder>', 'where everything is kept; default: .abca')
    .option('--port <port>', 'port of the HTTP API; default: any free one', wholeNumber(0))
    .option('--host <address>', 'address to listen on; default: 127.0.0.1')
    .option('--token <token>', 'token that callers present; default: a random one in the data folder')
    .option('--model-script <file>', 'script of the scripted model, when there are no credentials')
    .option('--stop-grace-ms <ms>', 'time a stopped session has to save its work', wholeNumber(0))
    .option('--own-sessions', 'end all sessions with the platform')
    .addOption(
      new Option('--log-level <level>', 'what is logged to stderr')
        .choices(['debug', 'info', 'warn', 'error'])
        .default('warn'),
    );
  withChannelFlags(up).action(async (flags: UpFlags) => {
    const { runUp } = await import('../commands/up.ts');
    onExit(await runUp(context, flags));
  });
}

function addTaskCommands(program: Command, { context, onExit }: ProgramOptions): void {
  forPlatform(program.command('submit').description('submit a task; prints its id'), { json: true })
    .requiredOption('--repo <owner/name>', 'repository, as bgagent repo list shows it')
    .option('--task <text>', 'what to do; - reads standard input')
    .option('--task-file <file>', 'file that says what to do; - reads standard input')
    .option('--base <branch>', 'branch to start from; default: that of the repository')
    .addOption(new Option('--type <type>', 'kind of work').choices(taskTypeChoices))
    .option('--issue <number>', 'issue that the task is about', wholeNumber(1))
    .option('--pr <number>', 'pull request that the task goes on with', wholeNumber(1))
    .option('--max-turns <count>', 'end the run after so many turns', wholeNumber(1))
    .option('--max-budget <usd>', 'end the run after so much money', dollars)
    .option('--approval-timeout <seconds>', 'how long an approval is waited for', wholeNumber(1))
    .option('--pre-approve <scope>', 'permit this in advance, such as rule:<id>; repeat it for more', repeated)
    .option('--idempotency-key <key>', 'the same key and task are one task')
    .option('--watch', 'watch it to its end')
    .action(async (flags: SubmitFlags) => {
      const { runSubmit } = await import('../commands/submit.ts');
      onExit(await runSubmit(context, allFields(flags)));
    });
  forPlatform(program.command('list').alias('ls').description('your tasks, newest first'), { json: true })
    .option('--limit <count>', 'at most so many', wholeNumber(1), 30)
    .option('--status <status>', 'only these; repeat it, or use commas', statusList)
    .action(async (flags: ListFlags) => {
      const { runList } = await import('../commands/list.ts');
      onExit(await runList(context, allFields(flags)));
    });
  forPlatform(program.command('status <task>').description('one task, and its receipt once it has ended'), {
    json: true,
  }).action(async (task: string, flags: StatusFlags) => {
    const { runStatus } = await import('../commands/status.ts');
    onExit(await runStatus(context, task, allFields(flags)));
  });
  forPlatform(
    program.command('watch <task>').description('follow a task and answer what it asks; Ctrl-C leaves it running'),
    {
      json: true,
    },
  ).action(async (task: string, flags: StatusFlags) => {
    const { runWatch } = await import('../commands/watch.ts');
    onExit(await runWatch(context, task, allFields(flags)));
  });
  forPlatform(program.command('events <task>').description('the log of a task'), { json: true })
    .option('--after <seq>', 'only events after this number', wholeNumber(0), 0)
    .option('--limit <count>', 'at most so many', wholeNumber(1))
    .option('-f, --follow', 'go on as it grows, until the task has ended')
    .action(async (task: string, flags: EventsFlags) => {
      const { runEvents } = await import('../commands/events.ts');
      onExit(await runEvents(context, task, allFields(flags)));
    });
  forPlatform(program.command('cancel <task>').description('cancel a task and stop its compute'), {
    json: true,
  }).action(async (task: string, flags: StatusFlags) => {
    const { runCancel } = await import('../commands/cancel.ts');
    onExit(await runCancel(context, task, allFields(flags)));
  });
}

function addRepoCommands(program: Command, { context, onExit }: ProgramOptions): void {
  const repo = program.command('repo').description('repositories that tasks may be submitted for');
  const add = repo.command('add <address>').description('add a repository by path or URL; prints its name');
  forPlatform(add, { json: true })
    .option('--name <owner/name>', 'what to call it; default: from the address')
    .option('--default-branch <branch>', 'branch that tasks start from')
    .option('--protect <branches>', 'branches no task may start from or write to; repeat it, or use commas', nameList)
    .option('--max-turns <count>', 'turns of a task, unless it says otherwise', wholeNumber(1))
    .option('--max-budget <usd>', 'money of a task, unless it says otherwise', dollars);
  withForgeFlags(add).action(async (address: string, flags: RepoAddFlags) => {
    const { runRepoAdd } = await import('../commands/repo.ts');
    onExit(await runRepoAdd(context, address, allFields(flags)));
  });
  forPlatform(repo.command('list').alias('ls').description('the repositories, by name'), { json: true }).action(
    async (flags: RepoFlags) => {
      const { runRepoList } = await import('../commands/repo.ts');
      onExit(await runRepoList(context, allFields(flags)));
    },
  );
  forPlatform(repo.command('remove <owner/name>').alias('rm').description('take no more tasks for a repository'), {
    json: true,
  }).action(async (name: string, flags: RepoFlags) => {
    const { runRepoRemove } = await import('../commands/repo.ts');
    onExit(await runRepoRemove(context, name, allFields(flags)));
  });
  addRepoPolicyCommands(repo, { context, onExit });
}

function addHelperCommands(program: Command, { context, onExit }: ProgramOptions): void {
  forPlatform(program.command('doctor').description('check what ABCA needs on this machine'), { json: true })
    .option('--port <port>', 'port to look at', wholeNumber(0))
    .action(async (flags: DoctorFlags) => {
      const { runDoctor } = await import('../doctor/run-doctor.ts');
      onExit(await runDoctor(context, allFields(flags)));
    });
  program
    .command('completion')
    .description('print the completion script of a shell')
    .argument('<shell>', shells.join(', '))
    .addHelpText('after', '\nTo use it, for example in bash:\n  source <(bgagent completion bash)');
}
