import { exitCodes, usageError, type ExitCode } from '../errors/cli-error.ts';
import { jsonFormat, wantsJson, type JsonFlags } from '../output/json-output.ts';
import { clientOf, type CommandContext, type PlatformChoice } from '../program/context.ts';
import { textArgument } from './text-argument.ts';

export interface NudgeFlags extends PlatformChoice, JsonFlags {
  readonly file?: string;
}

/** Tell the agent something while it works; the id of the nudge is the data. */
export async function runNudge(
  context: CommandContext,
  { taskId, text }: { readonly taskId: string; readonly text?: string | undefined },
  flags: NudgeFlags,
): Promise<ExitCode> {
  const { io, out, talk } = context;
  const json = wantsJson(flags) ? jsonFormat(flags, ['nudge_id'], io.stdout) : undefined;
  const words = await textArgument({ text, file: flags.file, names: ['the text', '--file'] }, io);
  if (words === undefined || words.trim() === '') {
    throw usageError('the text is missing', 'give it as an argument, with --file <file>, or - for standard input');
  }
  const nudge_id = await clientOf(context, flags).nudge(taskId, words);
  if (json !== undefined) out.raw(await json.format({ nudge_id }));
  else {
    talk.say('sent; the agent reads it between two turns');
    out.say(nudge_id);
  }
  return exitCodes.ok;
}
