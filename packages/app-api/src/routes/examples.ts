import type { DecisionView, PendingView } from '../wire/approval-wire.ts';
import type { EventView } from '../wire/event-wire.ts';
import type { NotificationsView } from '../wire/notifications-wire.ts';
import type { ReconcileView, SessionView } from '../wire/ops-wire.ts';
import type { PoliciesView } from '../wire/policies-wire.ts';
import type { RepoView } from '../wire/repo-wire.ts';
import type { SecurityBody } from '../wire/security-wire.ts';
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
  approval_gate_cap: 50,
  branch: 'abca/2y0abcd/fix-the-rounding-of-totals',
  base_branch: 'main',
  session: { id: `abca-session-${taskId}-g1`, compute_type: 'local', lease_expires_at: '2026-01-31T12:02:32.000Z' },
} satisfies Example<TaskView>;

/** A session for the document's examples. */
export const exampleSession = {
  session_id: `abca-session-${taskId}-g1`,
  task_id: taskId,
  user_id: 'ann',
  repo,
  compute_type: 'local',
  generation: 1,
  state: 'open',
  since: '2026-01-31T12:00:02.000Z',
  lease_expires_at: '2026-01-31T12:02:32.000Z',
  task_status: 'CANCELLED',
  last_stop: { outcome: 'requested', at: '2026-01-31T12:01:00.000Z', attempts: 1 },
} satisfies Example<SessionView>;

/** A run of the reconcilers for the document's examples. */
export const exampleReconcile = {
  outcome: 'clean',
  took_ms: 42,
  tasks: { looked: 3, did: { stranded: 1 }, errors: {}, more: false },
  sessions: { looked: 1, did: { proven: 1 }, errors: {}, more: false },
  slots: { looked: 1, did: {}, errors: {}, more: false },
} satisfies Example<ReconcileView>;

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

/** A request for an approval for the document's examples. */
export const examplePending = {
  task_id: taskId,
  request_id: '01KAYJ60000000000000000000',
  repo,
  status: 'PENDING',
  tool_name: 'Bash',
  input: 'git push --force origin fix-totals',
  input_preview: 'git push --force origin fix-totals',
  reason: 'force_push_any: a force push rewrites what others may have built on',
  severity: 'medium',
  matching_rule_ids: ['force_push_any'],
  timeout_s: 300,
  suggested_scopes: ['this_call', 'rule:force_push_any'],
  created_at: '2026-01-31T12:10:00.000Z',
  expires_at: '2026-01-31T12:15:00.000Z',
} satisfies Example<PendingView>;

/** A decision for the document's examples. */
export const exampleDecision = {
  task_id: taskId,
  request_id: examplePending.request_id,
  status: 'APPROVED',
  scope: 'rule:force_push_any',
  decided_at: '2026-01-31T12:11:00.000Z',
} satisfies Example<DecisionView>;

/** What a repository says of security, for the document's examples. */
export const exampleSecurity = {
  cedar_policies: {
    soft: '@rule_id("write_migrations") @tier("soft") @severity("high") @summary("migrations are reviewed first")\nforbid (principal, action == Agent::Action::"write_file", resource) when { context.path.repo_relative like "migrations/*" };',
    disable: ['write_env_files'],
  },
  approval_gate_cap: 20,
  max_pre_approval_scope: 'rule',
} satisfies Example<SecurityBody>;

/** Policies as they apply, for the document's examples. */
export const examplePolicies = {
  repo,
  rules: [
    {
      rule_id: 'rm_slash',
      tier: 'hard',
      severity: 'high',
      summary: 'never remove the whole file system',
      source: 'built-in hard policies',
    },
    {
      rule_id: 'write_migrations',
      tier: 'soft',
      severity: 'high',
      summary: 'migrations are reviewed first',
      source: 'operator soft policies',
    },
  ],
  disabled: ['write_env_files'],
  warnings: [],
  approval_gate_cap: 20,
  max_pre_approval_scope: 'rule',
} satisfies Example<PoliciesView>;

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

/** Settings for the document's examples. */
export const exampleNotifications = {
  slack: { conversation: 'C0123ABCD', min_severity: 'low' },
  github: { comment: true },
  email: { address: 'ann@example.com' },
  channels: ['slack', 'github', 'email'],
} satisfies Example<NotificationsView>;

/** `T` with plain texts where it has branded ones. */
type Example<T> = T extends string
  ? string extends T
    ? string
    : T extends { __brand: string }
      ? string
      : T
  : { [K in keyof T]: Example<T[K]> };
