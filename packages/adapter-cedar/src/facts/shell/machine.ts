import type { ParsedScript, Function as FunctionNode } from 'unbash';
import type { Workplace } from '../path-facts.ts';
import type { FactCollector } from './fact-collector.ts';
import type { Scope } from './scope.ts';

/** What a shell function does when it is called. */
export type FunctionBody = FunctionNode['body'];

/** Reads commands without running them: facts go to the collector, what a command would print is returned. */
export interface Machine {
  readonly facts: FactCollector;
  readonly where: Workplace;
  /** Read shell source. Its current folder and variables are those of `scope`, and changed there. */
  runScript(source: string, scope: Scope, stdin?: string): string;
  runParsed(script: ParsedScript, scope: Scope, stdin?: string): string;
  /** Read shell source when all else is read, with what the scope knows by then. */
  runLater(source: string, scope: Scope): void;
  /** Read one command of which all words are expanded. */
  runArgv(argv: readonly string[], scope: Scope, stdin?: string): string;
  /** Count a step of the work. `false` when it has become too much: then nothing more is read. */
  spend(): boolean;
  /** Remember a text under a path such as `/dev/fd/63`. Returns the path. */
  openText(text: string): string;
  /** Remember what the command itself has written to a file. */
  keepText(path: string, text: string): void;
  /** The text behind such a path. */
  findText(path: string): string | undefined;
}

/** One command, its words expanded. */
export interface Call {
  readonly program: string;
  readonly args: readonly string[];
  /** What it reads from standard input; `undefined` where nothing is piped in. */
  readonly stdin: string | undefined;
  readonly scope: Scope;
  readonly machine: Machine;
}

/** What is known of one program. Returns what it prints. */
export type Handler = (call: Call) => string;
