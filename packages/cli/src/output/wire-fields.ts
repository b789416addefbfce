import type { EventView, RepoView, TaskView } from '../client/wire-types.ts';

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
