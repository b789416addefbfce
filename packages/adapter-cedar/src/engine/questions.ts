import { taskTypes, type MatchSubject, type PolicyRequest } from '@abca/core';
import type { PathFacts } from '../facts/path-facts.ts';
import type { ShellFacts } from '../facts/shell-facts.ts';
import type { ActionName } from './rule.ts';

/** A value of a Cedar context. */
export type CedarValue = string | boolean | readonly CedarValue[] | CedarRecord;
export interface CedarRecord {
  readonly [key: string]: CedarValue;
}

/** One thing that Cedar is asked about a tool call, and what part of the call an answer is about. */
export interface Question {
  readonly action: ActionName;
  /** The type of the task. */
  readonly principal: string;
  readonly resource: { readonly type: string; readonly id: string };
  readonly context: CedarRecord;
  readonly subject: MatchSubject;
}

/** A file that a call writes: as the tool was given it, or as the shell facts spell it. */
export interface WrittenFile {
  readonly path: string;
  readonly facts: PathFacts;
}

/** What a tool call does, read from its input. */
export interface ReadCall {
  readonly files: readonly WrittenFile[];
  readonly command: string | undefined;
  readonly shell: ShellFacts | undefined;
}

/**
 * The questions of a tool call, in this order: `invoke_tool` always, `write_file` for each file that a tool or a command
 * writes, `execute_bash` for a command.
 */
export function questionsOf(request: PolicyRequest, { files, command, shell }: ReadCall): readonly Question[] {
  return [
    questionOf(request, {
      action: 'invoke_tool',
      resource: { type: 'Agent::Tool', id: request.toolName },
      subject: { kind: 'call' },
      context: {},
    }),
    ...files.map((file) => writeQuestion(request, file)),
    ...(shell && command !== undefined ? [shellQuestion(request, command, shell)] : []),
  ];
}

/**
 * What is wrong with the parts of a request that rules see as they are; `undefined` when nothing is. The rest of a question
 * is made here, of facts, so that Cedar need not hold each question against the schema.
 */
export function problemOf({ taskType, repo, readOnly, toolName, ...rest }: PolicyRequest): string | undefined {
  if (!taskTypes.includes(taskType)) return `the task type ${JSON.stringify(taskType)} is not known`;
  const texts: readonly unknown[] = [repo, toolName, rest.workspaceDir];
  if (!texts.every((text) => typeof text === 'string')) return 'the request has no repository, tool or checkout';
  if (typeof readOnly !== 'boolean') return 'the request does not say whether the task is read-only';
  const branches: readonly unknown[] = Array.isArray(rest.protectedBranches) ? rest.protectedBranches : [undefined];
  return branches.every((branch) => typeof branch === 'string') ? undefined : 'the request has no protected branches';
}

function questionOf(request: PolicyRequest, { context, ...rest }: Omit<Question, 'principal'>): Question {
  const { taskType, repo, readOnly, toolName } = request;
  const steady = { task_type: taskType, repo, read_only: readOnly, tool_name: toolName };
  return { ...rest, principal: taskType, context: { ...steady, ...context } };
}

function writeQuestion(request: PolicyRequest, { path, facts }: WrittenFile): Question {
  return questionOf(request, {
    action: 'write_file',
    resource: { type: 'Agent::File', id: 'file' },
    subject: { kind: 'write', path: facts.repoRelative },
    context: { file_path: path, path: pathContext(facts) },
  });
}

function shellQuestion(request: PolicyRequest, command: string, facts: ShellFacts): Question {
  const protectedBranches = [...new Set(request.protectedBranches)];
  return questionOf(request, {
    action: 'execute_bash',
    resource: { type: 'Agent::BashCommand', id: 'command' },
    subject: { kind: 'command' },
    context: { command, shell: shellContext(facts), protected_branches: protectedBranches },
  });
}

/** The facts of a path as rules see them. */
export function pathContext({ repoRelative, basename, escapesRepo, kinds }: PathFacts): CedarRecord {
  return { repo_relative: repoRelative, basename, escapes_repo: escapesRepo, kinds };
}

/** The facts of a command as rules see them. */
export function shellContext(facts: ShellFacts): CedarRecord {
  const { gitPush, rm } = facts;
  return {
    parsed: facts.parsed,
    programs: facts.programs,
    git_push: {
      present: gitPush.present,
      force: gitPush.force,
      force_with_lease: gitPush.forceWithLease,
      refs: gitPush.refs,
      deletes: gitPush.deletes,
      mirror: gitPush.mirror,
    },
    rm: { present: rm.present, recursive: rm.recursive, force: rm.force, targets: rm.targets },
    sql_statements: facts.sqlStatements,
    writes: facts.writesFiles.length > 0,
    writes_files: facts.writesFiles,
    inline_code: facts.runsInlineCode,
    ends_in: facts.endsIn,
    suspicions: facts.suspicions,
  };
}
