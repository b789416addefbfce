import { parse, type ParsedScript } from 'unbash';
import type { Workplace } from '../path-facts.ts';
import { FactCollector } from './fact-collector.ts';
import type { Machine } from './machine.ts';
import { runCall } from './programs/run-call.ts';
import type { Scope } from './scope.ts';
import { hasUnknown, isFileContent, unknown } from './text.ts';
import { runStatements } from './walk.ts';

/** Bounds of the work on one command: past them it counts as not resolved. */
const bounds = { depth: 24, steps: 20_000, sourceChars: 100_000, outputChars: 20_000 };

/** Reads one command with everything it unfolds to. Use a new one per command. */
export class ShellMachine implements Machine {
  readonly facts = new FactCollector();
  readonly where: Workplace;
  readonly #later: (() => void)[] = [];
  readonly #texts = new Map<string, string>();
  #nextDescriptor = 63;
  #depth = 0;
  #steps = 0;

  constructor(where: Workplace) {
    this.where = where;
  }

  runScript(source: string, scope: Scope, stdin?: string): string {
    if (isFileContent(source)) return unknown;
    if (hasUnknown(source)) this.facts.doubt('code that is made while the command runs');
    if (source.length > bounds.sourceChars) {
      this.facts.doubt('the command is too long');
      return unknown;
    }
    return this.#nested(() => this.#walk(parse(source), scope, stdin));
  }

  runParsed(script: ParsedScript, scope: Scope, stdin?: string): string {
    return this.#nested(() => this.#walk(script, scope, stdin));
  }

  runArgv(argv: readonly string[], scope: Scope, stdin?: string): string {
    const [program, ...args] = argv;
    if (program === undefined) return '';
    if (!this.spend()) return unknown;
    this.facts.addCommand(argv);
    return this.#nested(() => runCall({ program, args, stdin, scope, machine: this }));
  }

  runLater(source: string, scope: Scope): void {
    this.#later.push(() => void this.runScript(source, scope.fork()));
  }

  /** Read a whole command, and what it puts off to its end. */
  runAll(source: string, scope: Scope): void {
    this.runScript(source, scope);
    for (let next = this.#later.shift(); next !== undefined; next = this.#later.shift()) next();
  }

  spend(): boolean {
    if (++this.#steps > bounds.steps) this.#tooMuch();
    return this.#steps <= bounds.steps;
  }

  openText(text: string): string {
    const path = `/dev/fd/${String(this.#nextDescriptor++)}`;
    this.#texts.set(path, text);
    return path;
  }

  keepText(path: string, text: string): void {
    this.#texts.set(path, text.length > bounds.sourceChars ? unknown : text);
  }

  findText(path: string): string | undefined {
    return this.#texts.get(path);
  }

  #walk(script: ParsedScript, scope: Scope, stdin: string | undefined): string {
    if (script.errors !== undefined && script.errors.length > 0) this.facts.doubt('shell syntax');
    return runStatements(script.commands, { scope, machine: this, stdin });
  }

  #nested(run: () => string): string {
    if (this.#depth >= bounds.depth) return this.#tooMuch();
    this.#depth++;
    try {
      const output = run();
      return output.length > bounds.outputChars ? unknown : output;
    } finally {
      this.#depth--;
    }
  }

  #tooMuch(): string {
    this.facts.doubt('the command is too much to read');
    return unknown;
  }
}
