import type { FunctionBody } from './machine.ts';
import { unknown } from './text.ts';

/** More values than this are not told apart. */
const maxValues = 64;

/** What a shell knows at one moment, to go back to and to compare with. */
export interface ScopeState {
  readonly cwds: readonly string[];
  readonly variables: ReadonlyMap<string, readonly string[]>;
}

/** What a shell knows while its commands are read: folders, variables, functions, parameters. */
export class Scope {
  /** Every folder that may be current. Absolute, or starting with the unknown mark. */
  cwds: readonly string[];
  previousCwds: readonly string[];
  /** `$0`, where a command has set it. */
  commandName: string | undefined;
  /** `$1` and on. */
  positional: readonly string[] = [];
  #variables: Map<string, readonly string[]>;
  readonly #functions: Map<string, FunctionBody>;

  constructor(
    cwds: readonly string[],
    variables: ReadonlyMap<string, readonly string[]> = new Map(),
    functions: ReadonlyMap<string, FunctionBody> = new Map(),
  ) {
    this.cwds = cwds;
    this.previousCwds = cwds;
    this.#variables = new Map(variables);
    this.#functions = new Map(functions);
  }

  /** The scope of a subshell: it starts with what is known here and changes nothing here. */
  fork(): Scope {
    const child = new Scope(this.cwds, this.#variables, this.#functions);
    child.previousCwds = this.previousCwds;
    child.commandName = this.commandName;
    child.positional = this.positional;
    return child;
  }

  /** All values that the variable may have; `undefined` where no command has set it. */
  find(name: string): readonly string[] | undefined {
    return this.#variables.get(name);
  }

  /** Set a variable; without values, as if nothing had ever set it. */
  assign(name: string, values: readonly string[] | undefined): void {
    if (values === undefined) this.#variables.delete(name);
    else this.#variables.set(name, bounded(values));
  }

  changeFolder(cwds: readonly string[]): void {
    this.previousCwds = this.cwds;
    this.cwds = bounded(cwds);
  }

  define(name: string, body: FunctionBody): void {
    this.#functions.set(name, body);
  }

  findFunction(name: string): FunctionBody | undefined {
    return this.#functions.get(name);
  }

  /** Run something during which the function is not known. */
  withoutFunction<T>(name: string, run: () => T): T {
    const body = this.#functions.get(name);
    this.#functions.delete(name);
    try {
      return run();
    } finally {
      if (body !== undefined) this.#functions.set(name, body);
    }
  }

  snapshot(): ScopeState {
    return { cwds: this.cwds, variables: new Map(this.#variables) };
  }

  /** Go on from where any of these states may hold. A variable that one of them has not set may be empty. */
  becomeAnyOf(states: readonly ScopeState[]): void {
    const names = new Set(states.flatMap(({ variables }) => [...variables.keys()]));
    this.cwds = bounded(states.flatMap(({ cwds }) => cwds));
    this.#variables = new Map(
      [...names].map((name) => [name, bounded(states.flatMap(({ variables }) => variables.get(name) ?? ['']))]),
    );
  }

  /** Make unknown what differs from an earlier pass of a loop. Returns whether anything did. */
  widen(before: ScopeState): boolean {
    const changed = [...this.#variables].filter(([name, values]) => !sameValues(values, before.variables.get(name)));
    for (const [name] of changed) this.#variables.set(name, [unknown]);
    const moved = !sameValues(this.cwds, before.cwds);
    if (moved) this.cwds = [unknown];
    return moved || changed.length > 0;
  }
}

function bounded(values: readonly string[]): readonly string[] {
  const unique = [...new Set(values)];
  return unique.length > maxValues ? [unknown] : unique;
}

function sameValues(left: readonly string[], right: readonly string[] | undefined): boolean {
  return right !== undefined && left.length === right.length && left.every((value) => right.includes(value));
}
