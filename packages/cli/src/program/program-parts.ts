import type { Command } from 'commander';
import type { ExitCode } from '../errors/cli-error.ts';
import type { CommandContext } from './context.ts';

/** What a program is made of. */
export interface ProgramOptions {
  readonly context: CommandContext;
  /** Told how the command that ran wants the process to end. */
  readonly onExit: (code: ExitCode) => void;
}

/** Flags of every command that talks to a platform. */
export function forPlatform(command: Command, { json }: { readonly json: boolean }): Command {
  command
    .option('--url <url>', 'address of the platform; or ABCA_URL')
    .option('--token <token>', 'its token; or ABCA_TOKEN')
    .option('--data-dir <folder>', 'its data folder; or ABCA_DATA_DIR; default: .abca, here or above');
  return json ? withJson(command) : command;
}

/** Flags of every command whose data may be had as JSON. */
export function withJson(command: Command): Command {
  return command
    .option('--json [fields]', 'print JSON, all fields or those named with commas between')
    .option('--jq <expression>', 'print what jq makes of the JSON');
}

/** `--json` without fields, in either form that Commander gives it, means all. */
export function allFields<T extends { readonly json?: string | true }>(flags: T): T {
  return flags.json === '' ? { ...flags, json: true } : flags;
}
