import type { Assignment, Command } from 'unbash';
import type { Call } from './machine.ts';
import { readRedirections } from './redirections.ts';
import type { Scope } from './scope.ts';
import { alternativesOf, assignedTexts, fieldsOfWord } from './words.ts';
import type { WalkContext } from './walk.ts';

/** Variables whose values programs run as commands. */
const commandVariables =
  /(?:COMMAND|PAGER|EDITOR|VISUAL|BROWSER|ASKPASS|_CMD|_HELPER|_WRAPPER|EXTERNAL_DIFF|LESSOPEN|BASH_ENV|^ENV|PS4|^GIT_SSH)$/i;

/** Variables that give git settings, aliases among them, or other programs for its subcommands. */
const gitSettings = /^GIT_(?:CONFIG_(?:PARAMETERS|KEY_\d+)|EXEC_PATH)$/;

/** Read one simple command: its assignments, redirections and words. Returns what it prints. */
export function runSimpleCommand(node: Command, context: WalkContext): string {
  const assignments = node.prefix.filter((item) => item.type === 'Assignment');
  const call: Call = { program: node.name?.value ?? 'a redirection', args: [], ...context };
  const { stdin, writesOutput, keepOutput } = readRedirections(node.redirects, call);
  const programs = node.name === undefined ? [] : alternativesOf(node.name, context);
  const choices = node.args.map((word) =>
    word.type === 'Assignment' ? [fieldsOfWord(word, context)] : alternativesOf(word, context),
  );
  const output = withAssignments(assignments, context, programs.length > 0, (texts) => {
    if (programs.length > 0)
      return programs.map((words) => runChoices(words, choices, texts, { ...context, stdin })).join('');
    context.machine.facts.assignmentsBefore = texts;
    context.machine.facts.addCommand([]);
    return node.redirects.some(({ operator }) => operator.startsWith('<')) ? (stdin ?? '') : '';
  });
  keepOutput(output);
  return writesOutput ? '' : output;
}

/** Words that may each stand for several lists of fields. */
type Choices = readonly (readonly (readonly string[])[])[];

/** More combinations of choices than this are not told apart. */
const maxCombinations = 64;

/**
 * Read a command with all that its words may stand for at once, for what it changes and prints, and with each combination
 * on its own, for what it does: with `X` either `log` or `push`, `git $X -f` is neither `git log push -f` nor nothing.
 */
function runChoices(
  program: readonly string[],
  choices: Choices,
  assignments: readonly string[],
  { scope, machine, stdin }: WalkContext,
): string {
  const { facts } = machine;
  const combinations = choices.reduce((count, { length }) => count * length, 1);
  if (combinations > maxCombinations) facts.doubt('the command may be too many things');
  if (combinations > 1 && combinations <= maxCombinations) {
    for (const args of combined(choices)) {
      facts.assignmentsBefore = assignments;
      machine.runArgv([...program, ...args], scope.fork(), stdin);
    }
    facts.skipsNextCommand = true;
  }
  facts.assignmentsBefore = assignments;
  return machine.runArgv([...program, ...choices.flat(2)], scope, stdin);
}

function combined(choices: Choices): readonly (readonly string[])[] {
  return choices.reduce<readonly (readonly string[])[]>(
    (before, lists) => before.flatMap((fields) => lists.map((list) => [...fields, ...list])),
    [[]],
  );
}

/** Assignments before a command last as long as the command; without a command they stay. */
function withAssignments(
  assignments: readonly Assignment[],
  context: WalkContext,
  isTemporary: boolean,
  run: (assignments: readonly string[]) => string,
): string {
  const { scope } = context;
  const before = assignments.map(({ name }) => [name, scope.find(name)] as const);
  const texts = assignments.flatMap((assignment) => assign(assignment, context, scope));
  const output = run(texts);
  if (isTemporary) for (const [name, values] of before) scope.assign(name, values);
  return output;
}

function assign(assignment: Assignment, context: WalkContext, scope: Scope): readonly string[] {
  const values = assignedTexts(assignment, context);
  scope.assign(assignment.name, values);
  runCommandVariable(assignment.name, values, context);
  return values.map((value) => `${assignment.name}=${value}`);
}

/** Judge the value of a variable such as GIT_SSH_COMMAND as the command it will be. */
export function runCommandVariable(
  name: string,
  values: readonly string[],
  { scope, machine }: Pick<WalkContext, 'scope' | 'machine'>,
): void {
  if (gitSettings.test(name)) machine.facts.doubt('settings of git');
  if (!commandVariables.test(name)) return;
  for (const value of values) machine.runScript(value, scope.fork());
}
