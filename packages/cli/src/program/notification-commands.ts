import { Option, type Command } from 'commander';
import type { EmailFlags, GitHubFlags, NotificationFlags, SlackFlags } from '../commands/notifications.ts';
import { severityChoices } from './option-parsers.ts';
import { allFields, forPlatform, type ProgramOptions } from './program-parts.ts';

/** Where people are told of their tasks. */
export function addNotificationCommands(program: Command, { context, onExit }: ProgramOptions): void {
  const notifications = program.command('notifications').description('where you are told of your tasks');
  forPlatform(notifications.command('show').description('how you are told now'), { json: true }).action(
    async (flags: NotificationFlags) => {
      const { runNotificationsShow } = await import('../commands/notifications.ts');
      onExit(await runNotificationsShow(context, allFields(flags)));
    },
  );
  const configure = notifications.command('configure').description('change one channel, leave the others');
  forPlatform(configure.command('slack').description('a thread for each task, with buttons'), { json: true })
    .option('--conversation <id>', 'channel, or person for direct messages, such as C0123ABCD')
    .option('--slack-user <id>', 'who you are on Slack, such as U0123ABCD: their buttons decide for you, for good')
    .addOption(new Option('--min-severity <severity>', 'no buttons below it').choices(severityChoices))
    .option('--off', 'no more on Slack')
    .action(async (flags: SlackFlags) => {
      const { runConfigureSlack } = await import('../commands/notifications.ts');
      onExit(await runConfigureSlack(context, allFields(flags)));
    });
  forPlatform(configure.command('github').description('a comment where the task came from'), { json: true })
    .addOption(new Option('--comment <on or off>', 'whether it is written').choices(['on', 'off']))
    .option('--off', 'no more on GitHub')
    .action(async (flags: GitHubFlags) => {
      const { runConfigureGitHub } = await import('../commands/notifications.ts');
      onExit(await runConfigureGitHub(context, allFields(flags)));
    });
  forPlatform(configure.command('email').description('requests for approval, and how tasks end'), { json: true })
    .option('--address <address>', 'where to')
    .option('--off', 'no more by mail')
    .action(async (flags: EmailFlags) => {
      const { runConfigureEmail } = await import('../commands/notifications.ts');
      onExit(await runConfigureEmail(context, allFields(flags)));
    });
}
