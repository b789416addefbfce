import type { EventView } from '../wire/event-wire.ts';
import type { RepoView } from '../wire/repo-wire.ts';
import type { TaskView } from '../wire/task-wire.ts';

const taskId = '01KAYJ5E9QZ3T8V6W4X2Y0ABCD';
const repo = 'acme/shop';

/** A task for the document's examples. Typed by the schema's own form, so that it cannot go stale. */
export const exampleTask = {
  task_id: taskId,
  repo,
  task_type: 'new_task',
  task_description: 'Fix the rounding of totals',
  status: 'RUNNING',
  status_created_at: '2026-01-31T12:00:02.000Z',
  created_at: '2026-01-31T12:00:00.000Z',
  updated_at: '2026-01-31T12:00:02.000Z',
  deadline_at: '2026-02-01T20:00:00.000Z',
  branch: 'abca/2y0abcd/fix-the-rounding-of-totals',
  base_branch: 'main',
  session: { id: `abca-session-${taskId}-g1`, compute_type: 'local', lease_expires_at: '2026-01-31T12:02:32.000Z' },
} satisfies Example<TaskView>;

/** An event for the document's examples. */
export const exampleEvent = {
  task_id: taskId,
  seq: 1,
  event_id: '01KAYJ5E9R0000000000000000',
  event_type: 'task_created',
  timestamp: '2026-01-31T12:00:00.000Z',
  repo,
  metadata: { repo, task_type: 'new_task' },
} satisfies Example<EventView>;

/** A repository for the document's examples. */
export const exampleRepo = {
  repo,
  status: 'active',
  forge: 'git',
  clone_url: '/srv/git/shop.git',
  default_branch: 'main',
  blueprint: { max_turns: 50, protected_branches: ['release'] },
  created_at: '2026-01-31T11:00:00.000Z',
  updated_at: '2026-01-31T11:00:00.000Z',
} satisfies Example<RepoView>;

/** `T` with plain texts where it has branded ones. */
type Example<T> = T extends string
  ? string extends T
    ? string
    : T extends { __brand: string }
      ? string
      : T
  : { [K in keyof T]: Example<T[K]> };
