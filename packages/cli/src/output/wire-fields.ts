import type {
  DecisionView,
  EventView,
  NotificationsView,
  PendingView,
  PoliciesView,
  ReconcileView,
  RepoView,
  RuleView,
  SecurityBody,
  SessionView,
  TaskView,
} from '../client/wire-types.ts';

/** Every name of `T`, checked by the compiler in both directions. */
function namesOf<T>(names: Readonly<Record<keyof T & string, true>>): readonly string[] {
  return Object.keys(names);
}

/** Fields of a task on the wire, for `--json`. */
export const taskFields = namesOf<TaskView>({
  task_id: true,
  repo: true,
  task_type: true,
  task_description: true,
  status: true,
  status_created_at: true,
  created_at: true,
  updated_at: true,
  started_at: true,
  ended_at: true,
  deadline_at: true,
  branch: true,
  base_branch: true,
  issue_number: true,
  pr_number: true,
  max_turns: true,
  max_budget_usd: true,
  approval_timeout_s: true,
  approval_gate_cap: true,
  initial_approvals: true,
  awaiting_approval_request_id: true,
  session: true,
  usage: true,
  summary: true,
  receipt: true,
  failure: true,
});

/** Fields of an event on the wire. */
export const eventFields = namesOf<EventView>({
  task_id: true,
  seq: true,
  event_id: true,
  event_type: true,
  timestamp: true,
  metadata: true,
  repo: true,
  trace_id: true,
});

/** Fields of a repository on the wire. */
export const repoFields = namesOf<RepoView>({
  repo: true,
  status: true,
  forge: true,
  clone_url: true,
  default_branch: true,
  blueprint: true,
  created_at: true,
  updated_at: true,
});

/** Fields of the answer to a decision. */
export const decisionFields = namesOf<DecisionView>({
  task_id: true,
  request_id: true,
  status: true,
  scope: true,
  decided_at: true,
});

/** Fields of a request that waits for an approval. */
export const pendingFields = namesOf<PendingView>({
  task_id: true,
  request_id: true,
  repo: true,
  status: true,
  tool_name: true,
  input: true,
  input_preview: true,
  reason: true,
  severity: true,
  matching_rule_ids: true,
  timeout_s: true,
  suggested_scopes: true,
  created_at: true,
  expires_at: true,
});

/** Fields of a session in the ledger. */
export const sessionFields = namesOf<SessionView>({
  session_id: true,
  task_id: true,
  user_id: true,
  repo: true,
  compute_type: true,
  generation: true,
  state: true,
  since: true,
  lease_expires_at: true,
  task_status: true,
  last_stop: true,
});

/** Fields of what a run of the reconcilers did. */
export const reconcileFields = namesOf<ReconcileView>({
  outcome: true,
  took_ms: true,
  tasks: true,
  sessions: true,
  slots: true,
});

/** Fields of how somebody is told of their tasks. */
export const notificationFields = namesOf<NotificationsView>({
  slack: true,
  github: true,
  email: true,
  channels: true,
});

/** Fields of the policies that hold for a repository. */
export const policiesFields = namesOf<PoliciesView>({
  repo: true,
  rules: true,
  disabled: true,
  warnings: true,
  approval_gate_cap: true,
  max_pre_approval_scope: true,
});

/** Fields of one rule. */
export const ruleFields = namesOf<RuleView>({
  rule_id: true,
  tier: true,
  severity: true,
  approval_timeout_s: true,
  category: true,
  summary: true,
  source: true,
});

/** Fields of what a repository says of security. */
export const securityFields = namesOf<SecurityBody>({
  cedar_policies: true,
  approval_gate_cap: true,
  max_pre_approval_scope: true,
});
