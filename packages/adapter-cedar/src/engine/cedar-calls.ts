import type { PolicyRequest } from '@abca/core';
import { factsOfRelative, pathFacts, type PathFacts, type Workplace } from '../facts/path-facts.ts';
import { shellFacts, type ShellFacts } from '../facts/shell-facts.ts';
import type { ToolEffects } from './tool-effects.ts';

/** What Cedar is asked, before the parts that are the same for all questions. */
export interface CedarCall {
  readonly principal: { readonly type: string; readonly id: string };
  readonly action: { readonly type: string; readonly id: string };
  readonly resource: { readonly type: string; readonly id: string };
  readonly context: Record<string, CedarValue>;
}

/** A value of a Cedar context. */
export type CedarValue = string | boolean | CedarValue[] | { [key: string]: CedarValue };

/** The questions that one tool call comes to, and the facts behind them. */
export interface CedarCalls {
  readonly calls: readonly CedarCall[];
  readonly shell: ShellFacts | undefined;
}

/**
 * The questions of a tool call, in this order: `invoke_tool` always, `write_file` for each file that a tool or a command
 * writes, `execute_bash` for a command.
 */
export function cedarCalls(
  request: PolicyRequest,
  effects: Extract<ToolEffects, { kind: 'readable' }>,
  homeDir: string | undefined,
): CedarCalls {
  const where: Workplace = { workspaceDir: request.workspaceDir, ...(homeDir !== undefined && { homeDir }) };
  const shell = effects.command === undefined ? undefined : shellFacts(effects.command, where);
  const files = [
    ...effects.paths.map((path) => ({ path, facts: pathFacts(path, where) })),
    ...(shell?.writesFiles ?? []).map((path) => ({ path, facts: factsOfRelative(path) })),
  ];
  const calls = [
    callOf(request, 'invoke_tool', { type: 'Agent::Tool', id: request.toolName }, {}),
    ...files.map(({ path, facts }) => writeCall(request, path, facts)),
    ...(shell && effects.command !== undefined ? [shellCall(request, effects.command, shell)] : []),
  ];
  return { calls, shell };
}

function callOf(
  request: PolicyRequest,
  action: string,
  resource: CedarCall['resource'],
  context: Record<string, CedarValue>,
): CedarCall {
  return {
    principal: { type: 'Agent::TaskAgent', id: request.taskType },
    action: { type: 'Agent::Action', id: action },
    resource,
    context: {
      task_type: request.taskType,
      repo: request.repo,
      read_only: request.readOnly,
      tool_name: request.toolName,
      ...context,
    },
  };
}

function writeCall(request: PolicyRequest, path: string, facts: PathFacts): CedarCall {
  return callOf(
    request,
    'write_file',
    { type: 'Agent::File', id: 'file' },
    {
      file_path: path,
      path: { repo_relative: facts.repoRelative, basename: facts.basename, escapes_repo: facts.escapesRepo },
    },
  );
}

function shellCall(request: PolicyRequest, command: string, facts: ShellFacts): CedarCall {
  return callOf(
    request,
    'execute_bash',
    { type: 'Agent::BashCommand', id: 'command' },
    { command, shell: shellContext(facts) },
  );
}

function shellContext(facts: ShellFacts): Record<string, CedarValue> {
  const { gitPush, rm } = facts;
  return {
    parsed: facts.parsed,
    programs: [...facts.programs],
    git_push: {
      present: gitPush.present,
      force: gitPush.force,
      force_with_lease: gitPush.forceWithLease,
      refs: [...gitPush.refs],
      deletes: gitPush.deletes,
      mirror: gitPush.mirror,
    },
    rm: { present: rm.present, recursive: rm.recursive, force: rm.force, targets: [...rm.targets] },
    sql_statements: [...facts.sqlStatements],
    writes_files: [...facts.writesFiles],
    inline_code: facts.runsInlineCode,
    ends_in: facts.endsIn,
    suspicions: [...facts.suspicions],
  };
}
