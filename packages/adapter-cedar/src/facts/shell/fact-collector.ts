/** Rules of the hard tier that a text which cannot be resolved may be about to break. */
export type Suspicion = 'rm_slash' | 'write_git_internals' | 'drop_table';

/** Gathers the facts of one command while it is read. */
export class FactCollector {
  readonly programs = new Set<string>();
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

  doubt(why: string): void {
    this.doubts.add(why);
  }

  suspect(...suspicions: readonly Suspicion[]): void {
    for (const suspicion of suspicions) this.suspicions.add(suspicion);
  }
}
