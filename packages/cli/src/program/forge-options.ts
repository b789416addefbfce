import { Option, type Command } from 'commander';
import { forgeChoices } from './option-parsers.ts';

/** Where a repository is, and what starts its tasks there. */
export function withForgeFlags(command: Command): Command {
  return command
    .addOption(new Option('--forge <forge>', 'where it is; default: git, a plain repository').choices(forgeChoices))
    .option('--draft', 'open pull requests as drafts')
    .option('--triggers', 'a label on an issue, or a comment, starts a task of yours; with --forge github')
    .option('--trigger-label <label>', 'the label; default: abca')
    .option('--trigger-mention <@name>', 'what the comment begins with; default: @abca');
}
