import {
  eventRegistry,
  milestoneRegistry,
  taskTypes,
  type EventMetadata,
  type PolicyRequest,
  recordedWorkspace,
} from '@abca/core';
import type { EventView } from '../client/wire-types.ts';

/** What the gate said of a call. */
export type Decision = EventMetadata<'policy_decision'>;

/** A call that can be judged again. */
export interface RecordedCall {
  readonly seq: number;
  readonly decision: Decision;
  readonly request: PolicyRequest;
}

/** A call that cannot. */
export interface UnusableCall {
  readonly seq: number;
  readonly toolName: string;
  readonly why: string;
}

/** What a task's log tells of its calls. */
export interface RecordedTask {
  readonly taskId: string;
  /** What was permitted before the first call. */
  readonly preApprovals: readonly string[];
  readonly calls: readonly RecordedCall[];
  readonly unusable: readonly UnusableCall[];
}

/** The tasks that `events` tell of, in the order they come in. Pure. */
export function recordedTasks(events: readonly EventView[]): readonly RecordedTask[] {
  const ids = [...new Set(events.map(({ task_id }) => task_id))];
  return ids.map((taskId) =>
    recordedTask(
      taskId,
      events.filter(({ task_id }) => task_id === taskId),
    ),
  );
}

function recordedTask(taskId: string, events: readonly EventView[]): RecordedTask {
  const read = events.filter(({ event_type }) => event_type === 'policy_decision').map(readCall);
  return {
    taskId,
    preApprovals: preApprovalsOf(events),
    calls: read.filter((call) => 'request' in call),
    unusable: read.filter((call) => 'why' in call),
  };
}

/** Those of the submit: a session that takes another's place tells of what was permitted meanwhile, too. */
function preApprovalsOf(events: readonly EventView[]): readonly string[] {
  for (const { event_type, metadata } of events) {
    if (event_type !== 'agent_milestone' || metadata['milestone'] !== 'pre_approvals_loaded') continue;
    return milestoneRegistry.pre_approvals_loaded.safeParse(metadata).data?.scopes ?? [];
  }
  return [];
}

function readCall({ seq, metadata, task_id, repo }: EventView): RecordedCall | UnusableCall {
  const parsed = eventRegistry.policy_decision.safeParse(metadata);
  const decision = parsed.data;
  const unusable = (why: string): UnusableCall => ({ seq, toolName: decision?.tool_name ?? 'unknown', why });
  if (decision === undefined) return unusable('the event has a form that this version does not know');
  const { input, read_only, task_type, protected_branches, tool_name } = decision;
  if (decision.input_cut === true) return unusable('the call was too long to be recorded whole');
  if (decision.decided_by === 'fail_closed') return unusable(`it was not judged: ${decision.reason ?? 'fail-closed'}`);
  const taskType = taskTypes.find((known) => known === task_type);
  if (input === undefined || read_only === undefined || taskType === undefined || protected_branches === undefined) {
    return unusable('it was recorded without what judging it again needs');
  }
  const request: PolicyRequest = {
    taskId: task_id as PolicyRequest['taskId'],
    repo: repo as PolicyRequest['repo'],
    taskType,
    readOnly: read_only,
    toolName: tool_name,
    input,
    workspaceDir: recordedWorkspace,
    protectedBranches: protected_branches,
  };
  return { seq, decision, request };
}
