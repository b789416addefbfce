import type { Assignment, Command } from 'unbash';
import type { Call } from './machine.ts';
import { readRedirections } from './redirections.ts';
import type { Scope } from './scope.ts';
import { alternativesOf, assignedTexts, fieldsOfWord } from './words.ts';
import type { WalkContext } from './walk.ts';

/** Variables whose values programs run as commands. */
const commandVariables =
  /(?:COMMAND|PAGER|EDITOR|VISUAL|BROWSER|ASKPASS|_CMD|_HELPER|_WRAPPER|EXTERNAL_DIFF|LESSOPEN|BASH_ENV|^ENV|PS4)$/i;

/** Read one simple command: its assignments, redirections and words. Returns what it prints. */
export function runSimpleCommand(node: Command, context: WalkContext): string {
  const assignments = node.prefix.filter((item) => item.type === 'Assignment');
  const call: Call = { program: node.name?.value ?? 'a redirection', args: [], ...context };
  const { stdin, writesOutput } = readRedirections(node.redirects, call);
  const programs = node.name === undefined ? [] : alternativesOf(node.name, context);
  const args = node.args.flatMap((word) => fieldsOfWord(word, context));
  const output = withAssignments(assignments, context, programs.length > 0, () =>
    programs.length === 0 && node.redirects.some(({ operator }) => operator.startsWith('<'))
      ? (stdin ?? '')
      : programs.map((words) => context.machine.runArgv([...words, ...args], context.scope, stdin)).join(''),
  );
  return writesOutput ? '' : output;
}

/** Assignments before a command last as long as the command; without a command they stay. */
function withAssignments(
  assignments: readonly Assignment[],
  context: WalkContext,
  isTemporary: boolean,
  run: () => string,
): string {
  const { scope } = context;
  const before = assignments.map(({ name }) => [name, scope.find(name)] as const);
  for (const assignment of assignments) assign(assignment, context, scope);
  const output = run();
  if (isTemporary) for (const [name, values] of before) scope.assign(name, values);
  return output;
}

function assign(assignment: Assignment, context: WalkContext, scope: Scope): void {
  const values = assignedTexts(assignment, context);
  scope.assign(assignment.name, values);
  runCommandVariable(assignment.name, values, context);
}

/** Judge the value of a variable such as GIT_SSH_COMMAND as the command it will be. */
export function runCommandVariable(
  name: string,
  values: readonly string[],
  { scope, machine }: Pick<WalkContext, 'scope' | 'machine'>,
): void {
  if (!commandVariables.test(name)) return;
  for (const value of values) machine.runScript(value, scope.fork());
}
