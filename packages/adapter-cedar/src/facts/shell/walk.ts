import { forEachChild } from 'unbash';
import type {
  AndOr,
  ArithmeticCommand,
  Case,
  CompoundList,
  For,
  If,
  Pipeline,
  Redirected,
  Redirection,
  Select,
  Statement,
  SyntaxNode,
  While,
} from 'unbash';
import { readRedirections } from './redirections.ts';
import type { ScopeState } from './scope.ts';
import { runSimpleCommand } from './simple-command.ts';
import { harmless, unknown } from './text.ts';
import { fieldsOfWord, textsOfWord, type WordContext } from './words.ts';

/** Where a command stands. */
export interface WalkContext extends WordContext {
  readonly stdin: string | undefined;
}

type Node = Statement['command'] | CompoundList;

/** Read statements in order. Returns what they print. */
export function runStatements(statements: readonly Statement[], context: WalkContext): string {
  return statements.map(({ command, background }) => runNode(command, background ? forked(context) : context)).join('');
}

function runNode(node: Node, context: WalkContext): string {
  if (!context.machine.spend()) return unknown;
  switch (node.type) {
    case 'Command':
      return runSimpleCommand(node, context);
    case 'Pipeline':
      return runPipeline(node, context);
    case 'AndOr':
      return runAndOr(node, context);
    case 'CompoundList':
      return runStatements(node.commands, context);
    case 'BraceGroup':
      return runNode(node.body, context);
    case 'Subshell':
      return runNode(node.body, forked(context));
    case 'Coproc':
      return runNode(node.body, forked(context));
    case 'Redirected':
      return runRedirected(node, context);
    case 'If':
      return runIf(node, context);
    case 'For':
    case 'Select':
      return runFor(node, context);
    case 'While':
      return runWhile(node, context);
    case 'ArithmeticFor':
      return runLoop(node.body, context);
    case 'Case':
      return runCase(node, context);
    case 'Function':
      context.scope.define(node.name.value, node.body);
      return '';
    case 'TestCommand':
      return runSubstitutionsIn(node, context);
    case 'ArithmeticCommand':
      return runArithmetic(node, context);
    default:
      return node satisfies never;
  }
}

/** Read the body of a function as part of a call to it. */
export function runFunctionBody(body: Node, context: WalkContext): string {
  return runNode(body, context);
}

function runPipeline(node: Pipeline, context: WalkContext): string {
  if (node.commands.length === 1) return node.commands.map((command) => runNode(command, context)).join('');
  return (
    node.commands.reduce<string | undefined>(
      (stdin, command) => runNode(command, { ...forked(context), stdin }),
      context.stdin,
    ) ?? ''
  );
}

/** `a && b || c`: b goes on from a; c from wherever it was left; what comes after, from any of these. */
function runAndOr(node: AndOr, context: WalkContext): string {
  const { scope } = context;
  const states: ScopeState[] = [];
  const outputs = node.commands.map((command, index) => {
    if (node.operators[index - 1] === '||') scope.becomeAnyOf(states);
    const output = runNode(command, context);
    states.push(scope.snapshot());
    return output;
  });
  scope.becomeAnyOf(states);
  return outputs.join('');
}

function runRedirected(node: Redirected, context: WalkContext): string {
  const redirected = applyRedirections(node.redirects, context, 'a group of commands');
  const output = runNode(node.command, { ...context, stdin: redirected.stdin });
  redirected.keepOutput(output);
  return redirected.writesOutput ? '' : output;
}

function applyRedirections(
  redirects: readonly Redirection[],
  context: WalkContext,
  program: string,
): ReturnType<typeof readRedirections> {
  return readRedirections(redirects, { program, args: [], ...context });
}

function runIf(node: If, context: WalkContext): string {
  const clauses = [node.clause, ...node.elif.map(({ clause }) => clause)].map((clause) => runNode(clause, context));
  const bodies = [node.then, ...node.elif.map((elif) => elif.then), ...(node.else ? [node.else] : [])];
  return clauses.join('') + eitherOf(bodies, context, node.else !== undefined);
}

/** Read commands of which at most one runs, or exactly one. */
function eitherOf(bodies: readonly CompoundList[], context: WalkContext, isExact = false): string {
  const { scope } = context;
  const start = scope.snapshot();
  const states = isExact ? [] : [start];
  const outputs = bodies.map((body) => {
    scope.becomeAnyOf([start]);
    const output = runNode(body, context);
    states.push(scope.snapshot());
    return output;
  });
  scope.becomeAnyOf(states);
  return outputs.join('');
}

function runFor(node: For | Select, context: WalkContext): string {
  const values = node.wordlist?.flatMap((word) => fieldsOfWord(word, context)) ?? context.scope.positional;
  return runLoop(node.body, context, () => {
    context.scope.assign(node.name.value, values.length === 0 ? [''] : values);
  });
}

function runWhile(node: While, context: WalkContext): string {
  return runNode(node.clause, context) + runLoop(node.body, context, () => void runNode(node.clause, context));
}

/** Read a loop's body until nothing changes from pass to pass; what still does after two passes is unknown. */
function runLoop(body: CompoundList, context: WalkContext, before: () => void = () => undefined): string {
  const { scope } = context;
  const pass = (): string => {
    const start = scope.snapshot();
    before();
    const output = runNode(body, context);
    scope.becomeAnyOf([start, scope.snapshot()]);
    return output;
  };
  const output = pass();
  const first = scope.snapshot();
  pass();
  if (scope.widen(first)) pass();
  return output;
}

function runCase(node: Case, context: WalkContext): string {
  textsOfWord(node.word, context);
  return eitherOf(
    node.items.map(({ body }) => body),
    context,
  );
}

/** bash computes what stands in `((…))`, dash runs it in two subshells: two words side by side are no arithmetic. */
function runArithmetic(node: ArithmeticCommand, context: WalkContext): string {
  if (adjacentWords.test(node.body)) context.machine.runScript(node.body, context.scope.fork());
  return runSubstitutionsIn(node, context);
}

const adjacentWords = /[\w"'})]\s+(?:-[a-z]|[\w"'$~./])/i;

/** Tests and arithmetic change nothing but by the commands in their words. */
function runSubstitutionsIn(node: SyntaxNode, context: WalkContext): string {
  forEachChild(node, (child) => {
    if (child.type === 'Word') textsOfWord(child, context);
    else if (child.type === 'CommandExpansion' || child.type === 'ArithmeticCommandExpansion') {
      if (child.script) context.machine.runParsed(child.script, context.scope.fork());
    } else runSubstitutionsIn(child, context);
  });
  return harmless;
}

function forked(context: WalkContext): WalkContext {
  return { ...context, scope: context.scope.fork() };
}
