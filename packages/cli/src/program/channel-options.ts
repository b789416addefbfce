import type { Command } from 'commander';
import type { ChannelFlags } from '../platform/local-platform.ts';
import { wholeNumber } from './option-parsers.ts';

/** Secrets, by environment variable or by their key in `abca.json`. */
const secrets = `
Secrets have no flag, as flags show in the list of processes. They come from the
environment, or from abca.json:
  ABCA_GITHUB_TOKEN           a personal access token, in place of a GitHub App
  ABCA_GITHUB_WEBHOOK_SECRET  what GitHub signs webhooks with; without it none is taken
  ABCA_WEBHOOK_SECRET         what other systems sign with; without it none is taken
  ABCA_SLACK_TOKEN            token of the Slack bot
  ABCA_SLACK_SIGNING_SECRET   what Slack signs clicks with; without it messages have no buttons
  ABCA_SMTP                   in place of --smtp, where the URL holds a password`;

/** Each name once, so that a setting without a flag does not compile. */
const flags: Readonly<Record<keyof ChannelFlags, readonly [option: string, what: string]>> = {
  githubUrl: ['--github-url <url>', "GitHub's API, when it is not that of github.com"],
  githubAppId: ['--github-app-id <number>', 'GitHub App that tasks work as'],
  githubAppKey: ['--github-app-key <file>', 'private key of the app, PEM'],
  slackUrl: ['--slack-url <url>', "Slack's API, when it is not Slack's own"],
  smtp: ['--smtp <url>', 'mail server, such as smtp://127.0.0.1:1025'],
  emailFrom: ['--email-from <address>', 'sender of mails'],
  publicUrl: ['--public-url <url>', 'where links in messages lead; default: its own address'],
};

/** What connects a platform with GitHub, Slack and e-mail. */
export function withChannelFlags(command: Command): Command {
  for (const [name, [option, what]] of Object.entries(flags)) {
    if (name === 'githubAppId') command.option(option, what, wholeNumber(1));
    else command.option(option, what);
  }
  return command.addHelpText('after', secrets);
}
