import { absolutePath, repoRelative, type Workplace } from './path-facts.ts';
import type { FactCollector } from './shell/fact-collector.ts';
import { Scope } from './shell/scope.ts';
import { ShellMachine } from './shell/shell-machine.ts';
import { suspicionsOfCommand } from './shell/suspicion.ts';
import { isInGit } from './shell/targets.ts';
import { display, unknown, withoutMarks } from './shell/text.ts';

/** What a `git push` in a command does. */
export interface GitPushFacts {
  readonly present: boolean;
  readonly force: boolean;
  readonly forceWithLease: boolean;
  /** Branches by their name on the remote; `*` for all, `HEAD` for the current one by name. */
  readonly refs: readonly string[];
  readonly deletes: boolean;
  readonly mirror: boolean;
}

/** What the removals in a command do, `find -delete` and rimraf too. */
export interface RmFacts {
  readonly present: boolean;
  readonly recursive: boolean;
  readonly force: boolean;
  /** Repo-relative inside the checkout, `~` for HOME, else absolute; `/*` for all or many of a folder. */
  readonly targets: readonly string[];
}

/** What policies know of a shell command. All lists are sorted and without repetitions. */
export interface ShellFacts {
  /** Whether every part of the command that matters could be resolved by reading it. */
  readonly parsed: boolean;
  /** Why not: for people. */
  readonly doubts: readonly string[];
  /** Names of all programs that run, without folders. */
  readonly programs: readonly string[];
  /**
   * Every simple command, those inside pipes, `bash -c`, wrappers and substitutions too: its words after expansion and the
   * assignments before them, joined by one space. Assignments on their own count as commands.
   */
  readonly commands: readonly string[];
  readonly gitPush: GitPushFacts;
  readonly rm: RmFacts;
  /** What SQL does, such as `drop table` or `select`. */
  readonly sqlStatements: readonly string[];
  /** What the command writes, moves away or removes, as path facts spell paths; `.` for something in the checkout. */
  readonly writesFiles: readonly string[];
  /** Whether code of another language is given in the command itself. */
  readonly runsInlineCode: boolean;
  /** Where the shell stands afterwards, as path facts spell paths. A persistent shell stays there. */
  readonly endsIn: string;
  /** Hard rules that the parts which could not be resolved may break, judged by their text. */
  readonly suspicions: readonly string[];
}

/**
 * What a bash command does, by reading it: pipes, lists, subshells, substitutions, loops, functions, here-documents,
 * nested shells and wrappers such as env, sudo, timeout, xargs and `find -exec` are unfolded. Pure and total: nothing is
 * run and nothing is looked up. What cannot be resolved makes `parsed` false.
 */
export function shellFacts(command: string, where: Workplace): ShellFacts {
  const source = withoutMarks(command.replaceAll('\r\n', '\n').replaceAll('\r', '\n'));
  const machine = new ShellMachine(where);
  const scope = new Scope([absolutePath(where.workspaceDir, '/')]);
  machine.runAll(source, scope);
  const { facts } = machine;
  if (facts.doubts.size > 0) facts.suspect(...suspicionsOfCommand(source));
  return toFacts(facts, endOf(scope, where));
}

function endOf({ cwds }: Scope, where: Workplace): string {
  const cwd = cwds.find(isInGit) ?? cwds[0] ?? unknown;
  return cwd.startsWith('/') ? display(repoRelative(cwd, where)) : display(cwd);
}

function toFacts(facts: FactCollector, endsIn: string): ShellFacts {
  const { push, removal } = facts;
  return {
    parsed: facts.doubts.size === 0,
    doubts: sorted(facts.doubts),
    programs: sorted(facts.programs),
    commands: sorted(facts.commands),
    gitPush: { ...push, refs: sorted(push.refs) },
    rm: { ...removal, targets: sorted(removal.targets) },
    sqlStatements: sorted(facts.sqlStatements),
    writesFiles: sorted(facts.writes),
    runsInlineCode: facts.runsInlineCode,
    endsIn,
    suspicions: sorted(facts.suspicions),
  };
}

function sorted(values: ReadonlySet<string>): readonly string[] {
  return [...values].sort();
}
