import { findMilestone } from '../events/milestones.ts';
import type { TaskEvent } from '../events/task-event.ts';
import type { RequestId } from '../ids/ids.ts';
import { limits } from '../limits.ts';
import { formatScope, parseScope, type ApprovalScope } from '../policy/approval-scope.ts';
import { takeFromWindow, type RateWindow } from '../rate/rate-window.ts';
import { parseIso, type IsoTime } from '../time/iso-time.ts';
import type { Grant } from './decide-call.ts';
import { rememberDecision, type RecentDecision, type RecentDecisions } from './recent-decisions.ts';
import type { UserDenial } from './user-denial.ts';

/** What a gate knows from one call to the next. All of it can be read again from the log of the task. */
export interface GateMemory {
  readonly scopes: readonly ApprovalScope[];
  readonly recent: RecentDecisions;
  readonly grants: readonly Grant[];
  /** Requests so far, those of earlier sessions of the task too. */
  readonly gateCount: number;
  /** When the requests of the last minute were made. */
  readonly requests: RateWindow;
  /** Whether it has been told that the end of the task makes waits shorter. */
  readonly shrinkingTold: boolean;
  /** Denials that the model has not been told of yet. */
  readonly denials: readonly UserDenial[];
}

/** The memory of a task that has asked nothing yet. */
export function freshMemory(scopes: readonly ApprovalScope[] = []): GateMemory {
  return { scopes, recent: [], grants: [], gateCount: 0, requests: [], shrinkingTold: false, denials: [] };
}

/** A request as its decision finds it. */
export interface DecidedRequest {
  readonly requestId: RequestId;
  readonly toolName: string;
  readonly inputSha256: string;
  readonly ruleIds: readonly string[];
}

/** With one more request, made at `nowMs`. */
export function noteRequest(memory: GateMemory, nowMs: number): GateMemory {
  return {
    ...memory,
    gateCount: memory.gateCount + 1,
    requests: takeFromWindow(memory.requests, { ...limits.approvalRate, limit: Number.POSITIVE_INFINITY }, nowMs)
      .window,
  };
}

/** With what a person permitted besides the call. Each scope is kept once. */
export function noteScope(memory: GateMemory, scope: ApprovalScope | undefined): GateMemory {
  if (scope === undefined) return memory;
  const text = formatScope(scope);
  if (memory.scopes.some((known) => formatScope(known) === text)) return memory;
  return { ...memory, scopes: [...memory.scopes, scope] };
}

/** With a denial: not asked again for a while, and to be told to the model. */
export function noteDenial(
  memory: GateMemory,
  { requestId, toolName, inputSha256, ruleIds }: DecidedRequest,
  { reason, decidedAt }: { readonly reason: string; readonly decidedAt: IsoTime },
): GateMemory {
  const decision: RecentDecision = {
    requestId,
    toolName,
    inputSha256,
    ruleIds,
    status: 'DENIED',
    reason,
    atMs: parseIso(decidedAt),
  };
  return {
    ...memory,
    recent: rememberDecision(memory.recent, decision),
    denials: [...memory.denials, { requestId, decidedAt, reason }],
  };
}

/** With a request that nobody answered. */
export function noteTimeout(memory: GateMemory, request: DecidedRequest, atMs: number): GateMemory {
  const decision: RecentDecision = { ...request, status: 'TIMED_OUT', reason: 'nobody answered in time', atMs };
  return { ...memory, recent: rememberDecision(memory.recent, decision) };
}

/** With an approval that was given while nobody could act on it. */
export function noteGrant(memory: GateMemory, { toolName, inputSha256, requestId }: DecidedRequest): GateMemory {
  return { ...memory, grants: [...memory.grants, { toolName, inputSha256, requestId }] };
}

/** Without an approval that has let its call through. */
export function useGrant(memory: GateMemory, grant: Grant): GateMemory {
  return { ...memory, grants: memory.grants.filter((other) => other !== grant) };
}

/**
 * The memory that the events of a task leave: a session that takes the place of another goes on with its counts, its
 * permissions and its denials. A new model has been told nothing, so it is told of every denial once more.
 *
 * @param scopes those of the submit
 * @param events the log in order; events of other kinds are passed over
 */
export function restoreMemory(scopes: readonly ApprovalScope[], events: readonly TaskEvent[]): GateMemory {
  const open = new Map<string, DecidedRequest>();
  return events.reduce((memory, event) => restoreEvent(memory, event, open), freshMemory(scopes));
}

function restoreEvent(
  memory: GateMemory,
  { eventType, metadata, timestamp }: TaskEvent,
  open: Map<string, DecidedRequest>,
): GateMemory {
  if (eventType !== 'agent_milestone') return memory;
  const requested = findMilestone(metadata, 'approval_requested');
  if (requested !== undefined) {
    open.set(requested.request_id, {
      requestId: requested.request_id as RequestId,
      toolName: requested.tool_name,
      inputSha256: requested.input_sha256,
      ruleIds: requested.matching_rule_ids,
    });
    return noteRequest(memory, parseIso(timestamp));
  }
  if (findMilestone(metadata, 'approval_ceiling_shrinking')) return { ...memory, shrinkingTold: true };
  return restoreDecision(memory, metadata, { atMs: parseIso(timestamp), open });
}

function restoreDecision(
  memory: GateMemory,
  metadata: TaskEvent['metadata'],
  { atMs, open }: { readonly atMs: number; readonly open: ReadonlyMap<string, DecidedRequest> },
): GateMemory {
  const granted = findMilestone(metadata, 'approval_granted');
  if (granted !== undefined) return noteScope(memory, lastingScope(granted.scope));
  const denied = findMilestone(metadata, 'approval_denied');
  const timedOut = findMilestone(metadata, 'approval_timed_out');
  const request = open.get((denied ?? timedOut)?.request_id ?? '');
  if (request === undefined) return memory;
  if (denied !== undefined) {
    return noteDenial(memory, request, { reason: denied.reason, decidedAt: denied.decided_at as IsoTime });
  }
  return noteTimeout(memory, request, atMs);
}

/** What an approval permits beyond its call: nothing for `this_call`, nor for a text that no version of ours wrote. */
export function lastingScope(text: string): ApprovalScope | undefined {
  try {
    const scope = parseScope(text);
    switch (scope.kind) {
      case 'this_call':
      case 'tool_type_session':
      case 'tool_group_session':
        // The last two are resolved to the tool or group of their request before they are stored.
        return undefined;
      default:
        return scope;
    }
  } catch {
    return undefined;
  }
}
