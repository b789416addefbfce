import { display } from './text.ts';

/** Rules of the hard tier that a text which cannot be resolved may be about to break. */
export type Suspicion = 'rm_slash' | 'write_git_internals' | 'drop_table';

/** More commands than this are no ordinary command. */
const maxCommands = 1_000;
/** A longer list of commands, in characters, is nothing that a person's pattern is held against. */
const maxCommandChars = 200_000;

/** Gathers the facts of one command while it is read. */
export class FactCollector {
  readonly programs = new Set<string>();
  readonly commands = new Set<string>();
  readonly removal = { present: false, recursive: false, force: false, targets: new Set<string>() };
  readonly push = {
    present: false,
    force: false,
    forceWithLease: false,
    deletes: false,
    mirror: false,
    refs: new Set<string>(),
  };
  readonly sqlStatements = new Set<string>();
  /** Paths as `repoRelative` spells them. */
  readonly writes = new Set<string>();
  readonly suspicions = new Set<Suspicion>();
  /** Why the command is not resolved; empty when it is. */
  readonly doubts = new Set<string>();
  runsInlineCode = false;
  #commandChars = 0;

  doubt(why: string): void {
    this.doubts.add(why);
  }

  /** Assignments that stand before the command which is read next, such as `CI=1`. */
  assignmentsBefore: readonly string[] = [];
  /** Whether the command which is read next is none of its own, but several at once. */
  skipsNextCommand = false;

  /** Keep a command as people write patterns for it. */
  addCommand(words: readonly string[]): void {
    const all = [...this.assignmentsBefore, ...words];
    const isSkipped = this.skipsNextCommand;
    this.assignmentsBefore = [];
    this.skipsNextCommand = false;
    if (all.length === 0 || isSkipped) return;
    const chars = all.reduce((sum, { length }) => sum + length, this.#commandChars);
    if (this.commands.size >= maxCommands || chars > maxCommandChars) {
      this.doubt('the command is too much to read');
      return;
    }
    this.#commandChars = chars;
    this.commands.add(display(all.join(' ')));
  }

  suspect(...suspicions: readonly Suspicion[]): void {
    for (const suspicion of suspicions) this.suspicions.add(suspicion);
  }
}
