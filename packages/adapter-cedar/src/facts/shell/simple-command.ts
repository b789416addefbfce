import type { Assignment, Command } from 'unbash';
import type { Call } from './machine.ts';
import { readRedirections } from './redirections.ts';
import type { Scope } from './scope.ts';
import { alternativesOf, assignedTexts, fieldsOfWord } from './words.ts';
import type { WalkContext } from './walk.ts';

/** Variables whose values programs run as commands. */
const commandVariables =
  /(?:COMMAND|PAGER|EDITOR|VISUAL|BROWSER|ASKPASS|_CMD|_HELPER|_WRAPPER|EXTERNAL_DIFF|LESSOPEN|BASH_ENV|^ENV|PS4)$/i;

/** Variables that give git settings, aliases among them. */
const gitSettings = /^GIT_CONFIG_(?:PARAMETERS|KEY_\d+)$/;

/** Read one simple command: its assignments, redirections and words. Returns what it prints. */
export function runSimpleCommand(node: Command, context: WalkContext): string {
  const assignments = node.prefix.filter((item) => item.type === 'Assignment');
  const call: Call = { program: node.name?.value ?? 'a redirection', args: [], ...context };
  const { stdin, writesOutput } = readRedirections(node.redirects, call);
  const programs = node.name === undefined ? [] : alternativesOf(node.name, context);
  const args = node.args.flatMap((word) => fieldsOfWord(word, context));
  const output = withAssignments(assignments, context, programs.length > 0, (texts) => {
    if (programs.length > 0) return programs.map((words) => run([...words, ...args], texts)).join('');
    context.machine.facts.assignmentsBefore = texts;
    context.machine.facts.addCommand([]);
    return node.redirects.some(({ operator }) => operator.startsWith('<')) ? (stdin ?? '') : '';
  });
  return writesOutput ? '' : output;

  function run(argv: readonly string[], assignmentsBefore: readonly string[]): string {
    context.machine.facts.assignmentsBefore = assignmentsBefore;
    return context.machine.runArgv(argv, context.scope, stdin);
  }
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
