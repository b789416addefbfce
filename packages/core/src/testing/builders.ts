import { mintSessionId, type RepoId, type RequestId, type TaskId, type UserId } from '../ids/ids.ts';
import type { Approval } from '../approval/approval.ts';
import { limits } from '../limits.ts';
import type { RepoConfig } from '../repo/repo-config.ts';
import type { Task } from '../task/task.ts';
import { sessionStatuses } from '../task/task-status.ts';
import { addMs, formatIso, parseIso } from '../time/iso-time.ts';

/** When builders' worlds begin: 2026-01-01T00:00:00.000Z in milliseconds. */
export const testEpochMs = Date.UTC(2026, 0, 1);

/** The `n`th task id: valid, and in order. */
export function aTaskId(n = 1): TaskId {
  return `01KATEST${String(n).padStart(18, '0')}` as TaskId;
}

/** The `n`th request id: valid, and in order. */
export function aRequestId(n = 1): RequestId {
  return `01KATEREQ${String(n).padStart(17, '0')}` as RequestId;
}

/** A request for an approval that is open. Name only what matters to the test. */
export function anApproval(fields: Partial<Approval> = {}): Approval {
  const createdAt = fields.createdAt ?? formatIso(testEpochMs);
  const timeoutS = fields.timeoutS ?? limits.approvalTimeoutS.default;
  const expiresAt = fields.expiresAt ?? addMs(createdAt, timeoutS * 1000);
  return {
    taskId: aTaskId(),
    requestId: aRequestId(),
    userId: 'ann' as UserId,
    repo: 'acme/shop' as RepoId,
    status: 'PENDING',
    toolName: 'Bash',
    inputSha256: 'a'.repeat(64),
    input: 'git push --force origin feature',
    inputPreview: 'git push --force origin feature',
    reason: 'force_push_any: a force push rewrites what others may have built on',
    severity: 'medium',
    matchingRuleIds: ['force_push_any'],
    timeoutS,
    suggestedScopes: ['this_call', 'rule:force_push_any'],
    judged: {
      resolved: true,
      commands: ['git push --force origin feature'],
      matches: [{ ruleId: 'force_push_any', subjects: [{ kind: 'command' }] }],
    },
    createdAt,
    expiresAt,
    ttl: Math.ceil(parseIso(expiresAt) / 1000) + limits.approvalTtlS,
    ...fields,
  };
}

/** A task. Name only what matters to the test; a status with a session brings the session along. */
export function aTask(fields: Partial<Task> = {}): Task {
  const taskId = fields.taskId ?? aTaskId();
  const status = fields.status ?? 'SUBMITTED';
  const createdAt = fields.createdAt ?? formatIso(testEpochMs);
  const hasSession = (sessionStatuses as readonly string[]).includes(status) || status === 'FINALIZING';
  return {
    taskId,
    userId: 'ann' as UserId,
    repo: 'acme/shop' as RepoId,
    taskType: 'new_task',
    taskDescription: 'Fix the failing test',
    status,
    statusCreatedAt: createdAt,
    createdAt,
    updatedAt: createdAt,
    deadlineAt: formatIso(parseIso(createdAt) + limits.sessionMs),
    generation: hasSession ? 1 : 0,
    ...(hasSession && { sessionId: mintSessionId(taskId, 1) }),
    ...(status === 'AWAITING_APPROVAL' && { awaitingApprovalRequestId: aRequestId() }),
    ...fields,
  };
}

/** A repository that tasks may be submitted for. */
export function aRepoConfig(fields: Partial<RepoConfig> = {}): RepoConfig {
  const createdAt = formatIso(testEpochMs);
  return {
    repo: 'acme/shop' as RepoId,
    status: 'active',
    forge: 'git',
    cloneUrl: '/repos/shop.git',
    blueprint: {},
    createdAt,
    updatedAt: createdAt,
    ...fields,
  };
}
