import type { Call } from '../machine.ts';
import { parseArgs } from '../options.ts';
import { recordWrite, recordWriteInHome } from '../targets.ts';
import { isTelling } from '../telling-names.ts';
import { fileContent, unknown } from '../text.ts';
import { noteForgeCall } from './forge-calls.ts';
import { innerCommand } from './wrappers.ts';

const outputOptions = /^--?(?:o|out|output|outfile|out-?file|output-?file|keyout|keystore|destkeystore|dest)$/i;

/** Subcommands that only have the name of a program: they remove containers, packages and the like. */
const ownCommand =
  /^(?:docker|podman|nerdctl|kubectl|npm|pnpm)\s+(?:(?:container|image|volume|network|compose|buildx|secret|context)\s+)?rm\s/;

/**
 * Nothing is known of the program: look for a command among its words, for options that write in place, and for files whose
 * names say that writing them matters.
 */
export function runOtherProgram(call: Call): string {
  const { args, machine, scope, stdin } = call;
  const inner = ownCommand.test(`${call.program} ${args.join(' ')}`) ? undefined : innerCommand(args);
  if (inner !== undefined) machine.runArgv(inner, scope.fork(), stdin);
  if (args.some((arg) => arg === '--fix' || arg === '--write')) machine.facts.writes.add('.');
  noteForgeCall(call);
  noteCode(call);
  for (const file of [...outputFiles(args), ...fetchedFiles(args)].filter(isTelling)) recordWrite(call, file);
  const settings = args.some((arg) => /^(?:-h|--help)$/.test(arg)) ? undefined : settingsFileOf(call.program, args);
  if (settings !== undefined) recordWriteInHome(call, settings);
  return stdin !== undefined && stdin === fileContent ? fileContent : unknown;
}

/** Code that npm and make are given in their words. */
function noteCode({ program, args, machine, scope }: Call): void {
  const words = parseArgs(args, { valued: ['c', 'call', 'f', 'file', 'makefile', 'eval'] });
  if (program === 'npm' && /^(?:exec|x)$/.test(words.operands[0] ?? ''))
    for (const code of words.values('c', 'call')) machine.runScript(code, scope.fork());
  const isStdin = words.values('f', 'file', 'makefile').some((file) => file === '-' || file.startsWith('/dev/'));
  if (/^g?make$/.test(program) && (isStdin || words.values('eval').length > 0))
    machine.facts.doubt(`code of ${program}`);
}

function outputFiles(args: readonly string[]): readonly string[] {
  return args.flatMap((arg, index) => {
    const [name = '', ...value] = arg.split('=');
    if (!outputOptions.test(name)) return [];
    return value.length > 0 ? [value.join('=')] : [args[index + 1] ?? ''];
  });
}

/** `vercel env pull .env` and kin. */
function fetchedFiles(args: readonly string[]): readonly string[] {
  const at = args.findIndex((arg) => arg === 'pull' || arg === 'download');
  return at < 0 ? [] : args.slice(at + 1);
}

/** Programs that keep credentials by a subcommand: what it starts with, and where they go. */
const settingsCommands: Readonly<Record<string, readonly (readonly [command: RegExp, file: string])[]>> = {
  npm: [[/^(?:config set|c set|set|login|adduser)\b/, '.npmrc']],
  pnpm: [[/^(?:config set|c set|set|login|adduser)\b/, '.npmrc']],
  yarn: [[/^(?:config set|npm login|login)\b/, '.yarnrc.yml']],
  aws: [[/^configure(?:$| (?:set|import|sso|--profile)\b)/, '.aws/credentials']],
  docker: [[/^login\b/, '.docker/config.json']],
  podman: [[/^login\b/, '.docker/config.json']],
  kubectl: [[/^config (?:set|use|rename|unset|delete)\b/, '.kube/config']],
  gh: [[/^auth (?:login|refresh|switch|setup-git)\b/, '.config/gh/hosts.yml']],
  gcloud: [[/^auth (?:login|activate-service-account|application-default login)\b/, '.config/gcloud/credentials.db']],
  cargo: [[/^login\b/, '.cargo/credentials.toml']],
  gem: [[/^signin\b/, '.gem/credentials']],
};

function settingsFileOf(program: string, args: readonly string[]): string | undefined {
  if (!Object.hasOwn(settingsCommands, program)) return undefined;
  const words = parseArgs(args).operands.join(' ');
  return settingsCommands[program]?.find(([command]) => command.test(words))?.[1];
}
