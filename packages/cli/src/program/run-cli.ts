import type { Command } from 'commander';
import { exitCodes, usageError, type CliError, type cliErrorCodes, type ExitCode } from '../errors/cli-error.ts';
import { toCliError } from '../errors/to-cli-error.ts';
import type { CliIo } from '../io/cli-io.ts';
import { toJson } from '../output/json-output.ts';
import { oneLine, span } from '../render/line.ts';
import { createContext, type CommandContext } from './context.ts';
import { createProgram } from './create-program.ts';
import { normalizeArgs } from './normalize-args.ts';

/**
 * Run one command line. Never rejects: every error is told on stderr, as JSON when JSON was asked for.
 *
 * @param args without the program's own name
 */
export async function runCli(args: readonly string[], io: CliIo): Promise<ExitCode> {
  const context = createContext(io);
  let exitCode: ExitCode = exitCodes.ok;
  const program = createProgram({
    context,
    onExit: (code) => {
      exitCode = code;
    },
  });
  configureOutput(program, context);
  try {
    if (args[0] === 'completion' || args[0] === 'complete') await addCompletion(program);
    if (args.length === 0) program.outputHelp();
    else await program.parseAsync(normalizeArgs(args), { from: 'user' });
    return exitCode;
  } catch (error) {
    const failure = isCommanderExit(error) ? fromCommander(error) : toCliError(error);
    if (failure === undefined) return exitCodes.ok;
    tell(context, failure, asksForJson(args));
    return failure.exitCode;
  }
}

/** Loaded only for completion; it takes the place of the command that the help shows. */
async function addCompletion(program: Command): Promise<void> {
  const { default: tab } = await import('@bomb.sh/tab/commander');
  const commands = program.commands as Command[];
  commands.splice(
    commands.findIndex((command) => command.name() === 'completion'),
    1,
  );
  tab(program as unknown as Parameters<typeof tab>[0], { completionCommandName: 'completion' });
  for (const command of program.commands) command.exitOverride();
}

function configureOutput(program: Command, { io }: CommandContext): void {
  const configuration = {
    writeOut: (text: string) => void io.stdout.write(text),
    writeErr: (text: string) => void io.stderr.write(text),
    // Told by `tell`, once, in the form that was asked for.
    outputError: () => undefined,
    getOutHelpWidth: () => helpWidth(io.stdout.columns),
    getErrHelpWidth: () => helpWidth(io.stderr.columns),
    getOutHasColors: () => false,
    getErrHasColors: () => false,
  };
  for (const command of withCommands(program)) command.configureOutput(configuration).exitOverride();
}

function withCommands(command: Command): readonly Command[] {
  return [command, ...command.commands.flatMap(withCommands)];
}

/** A terminal of unknown size says 0. */
function helpWidth(columns = 0): number {
  return columns > 0 ? Math.min(columns, 120) : 100;
}

interface CommanderExit {
  readonly code: string;
  readonly exitCode: number;
  readonly message: string;
}

function isCommanderExit(error: unknown): error is CommanderExit {
  const code = (error as Partial<CommanderExit> | undefined)?.code;
  return typeof code === 'string' && code.startsWith('commander.');
}

/** `undefined` when help or the version was asked for and shown. */
function fromCommander({ code, exitCode, message }: CommanderExit): CliError | undefined {
  if (exitCode === 0) return undefined;
  if (code === 'commander.help') return usageError('a command is missing', 'run bgagent --help to see them all');
  const [what = message, ...hints] = message.replace(/^error: /, '').split('\n');
  const hint = hints.join(' ').replace(/^\((.*)\)$/, '$1');
  return usageError(what, hint === '' ? 'run bgagent --help, or bgagent <command> --help' : hint);
}

/** From the words themselves: a command line that could not be parsed may still have asked for JSON. */
function asksForJson(args: readonly string[]): boolean {
  return args.some((arg) => /^--(?:json|jq)(?:=|$)/.test(arg));
}

function tell({ io, talk }: CommandContext, error: CliError, json: boolean): void {
  const { code, message, suggestion, problems } = error;
  if (json) {
    const more = { ...(suggestion !== undefined && { suggestion }), ...(problems.length > 0 && { problems }) };
    io.stderr.write(`${toJson({ code, message, ...more })}\n`);
    return;
  }
  const isTalk = code === 'DETACHED';
  talk.print(isTalk ? [span(message)] : [span('error: ', 'bad'), span(message), span(codeSuffix(code), 'dim')]);
  talk.print(...problems.map((problem) => [span('  - '), span(oneLine(problem))]));
  if (suggestion !== undefined) talk.say(suggestion, 'dim');
}

/** The code helps whoever searches for it; that of a wrong command line helps nobody. */
function codeSuffix(code: string): string {
  return code === ('USAGE' satisfies keyof typeof cliErrorCodes) ? '' : ` (${code})`;
}
