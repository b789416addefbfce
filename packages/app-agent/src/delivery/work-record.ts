import { findMilestone, preview, readLog, redactOrHide, within, type TaskEvent } from '@abca/core';
import { bounds } from '../session/bounds.ts';
import type { SessionRun } from '../session/session-run.ts';

/** A command that looks like a check of the work, and how it ended as far as the log tells. */
export interface RecordedCheck {
  readonly command: string;
  readonly outcome: 'passed' | 'failed' | 'unknown';
}

/** A request that a person was asked to decide. */
export interface RecordedRequest {
  readonly tool: string;
  readonly call: string;
  readonly outcome: 'approved' | 'denied' | 'timed out' | 'open';
  /** For approved: what was permitted from then on. */
  readonly scope?: string;
}

/** What the log of a task tells about its work. */
export interface WorkRecord {
  readonly checks: readonly RecordedCheck[];
  readonly requests: readonly RecordedRequest[];
  /** Scopes that the session started with. */
  readonly permitted: readonly string[];
}

export const emptyRecord: WorkRecord = { checks: [], requests: [], permitted: [] };

/** Most entries of one list that people are shown. */
const mostShown = 20;

/** What the log tells so far. A log that cannot be read costs the sections that are made of it, and nothing else. */
export async function readRecord({ deps, task, reporter }: SessionRun, signal: AbortSignal): Promise<WorkRecord> {
  try {
    const bound = { what: 'the record of the work', ms: bounds.recordMs, signal };
    return await within(deps.clock, bound, async (bounded) => {
      await reporter.flush();
      return recordOf(await readLog(deps.events, { taskId: task.taskId }, { signal: bounded }));
    });
  } catch (error) {
    deps.logger.warn('record of the work not read', { error });
    return emptyRecord;
  }
}

/** The record in a log. */
export function recordOf(events: readonly TaskEvent[]): WorkRecord {
  return {
    checks: checksIn(events).slice(-mostShown),
    requests: requestsIn(events).slice(0, mostShown),
    permitted: permittedIn(events).slice(0, mostShown),
  };
}

/**
 * By their names: what runs tests, linters, compilers. A guess, and told as one. The last run of each counts.
 */
const looksLikeCheck =
  /\b(tests?|spec|jest|vitest|mocha|pytest|tox|unittest|rspec|phpunit|ctest|junit|lint|eslint|ruff|mypy|tsc|typecheck|clippy|vet|verify|check)\b/i;

function checksIn(events: readonly TaskEvent[]): readonly RecordedCheck[] {
  const last = new Map<string, RecordedCheck>();
  for (const [turn, commands] of commandsByTurn(events)) {
    const outcome = outcomeOf(events, turn, commands.length);
    for (const command of commands.filter((text) => looksLikeCheck.test(text))) {
      last.delete(command);
      last.set(command, { command, outcome });
    }
  }
  return [...last.values()];
}

/** The shell commands that were judged, denied ones too: a result does not say which command it is of. */
function commandsByTurn(events: readonly TaskEvent[]): ReadonlyMap<unknown, readonly string[]> {
  const turns = new Map<unknown, string[]>();
  for (const { eventType, metadata } of events) {
    if (eventType !== 'policy_decision' || metadata['tool_name'] !== 'Bash') continue;
    const { input, turn } = metadata;
    const command = typeof input === 'object' && input !== null && 'command' in input ? input.command : '';
    turns.set(turn, [...(turns.get(turn) ?? []), typeof command === 'string' ? preview(command) : '']);
  }
  return turns;
}

/** How all commands of a turn ended. Results name no command: where they differ, it is not known which one failed. */
function outcomeOf(events: readonly TaskEvent[], turn: unknown, commands: number): RecordedCheck['outcome'] {
  const results = events.filter(
    ({ eventType, metadata }) =>
      eventType === 'agent_tool_result' && metadata['tool_name'] === 'Bash' && metadata['turn'] === turn,
  );
  const failed = results.filter(({ metadata }) => metadata['is_error'] === true).length;
  if (results.length !== commands || (failed > 0 && failed < commands)) return 'unknown';
  return failed === 0 ? 'passed' : 'failed';
}

function requestsIn(events: readonly TaskEvent[]): readonly RecordedRequest[] {
  const requests = new Map<string, RecordedRequest>();
  for (const { eventType, metadata } of events) {
    if (eventType !== 'agent_milestone') continue;
    const asked = findMilestone(metadata, 'approval_requested');
    if (asked) {
      const call = preview(redactOrHide(asked.input_preview));
      requests.set(asked.request_id, { tool: asked.tool_name, call, outcome: 'open' });
    }
    const granted = findMilestone(metadata, 'approval_granted');
    if (granted) settle(requests, granted.request_id, { outcome: 'approved', scope: granted.scope });
    const denied = findMilestone(metadata, 'approval_denied');
    if (denied) settle(requests, denied.request_id, { outcome: 'denied' });
    const timedOut = findMilestone(metadata, 'approval_timed_out');
    if (timedOut) settle(requests, timedOut.request_id, { outcome: 'timed out' });
  }
  return [...requests.values()];
}

function settle(
  requests: Map<string, RecordedRequest>,
  requestId: string,
  end: Pick<RecordedRequest, 'outcome' | 'scope'>,
): void {
  const request = requests.get(requestId);
  if (request) requests.set(requestId, { ...request, ...end });
}

function permittedIn(events: readonly TaskEvent[]): readonly string[] {
  const loaded = events.flatMap(({ eventType, metadata }) =>
    eventType === 'agent_milestone' ? (findMilestone(metadata, 'pre_approvals_loaded') ?? []) : [],
  );
  return [...new Set(loaded.flatMap(({ scopes }) => scopes))];
}
