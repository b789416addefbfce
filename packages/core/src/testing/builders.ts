import { mintSessionId, type RepoId, type TaskId, type UserId } from '../ids/ids.ts';
import { limits } from '../limits.ts';
import type { RepoConfig } from '../repo/repo-config.ts';
import type { Task } from '../task/task.ts';
import { sessionStatuses } from '../task/task-status.ts';
import { formatIso, parseIso } from '../time/iso-time.ts';

/** When builders' worlds begin: 2026-01-01T00:00:00.000Z in milliseconds. */
export const testEpochMs = Date.UTC(2026, 0, 1);

/** The `n`th task id: valid, and in order. */
export function aTaskId(n = 1): TaskId {
  return `01KATEST${String(n).padStart(18, '0')}` as TaskId;
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
    ...(status === 'AWAITING_APPROVAL' && { awaitingApprovalRequestId: 'R1' }),
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
