import {
  channels,
  channelsOf,
  formatIso,
  isSubscribed,
  milestoneEvent,
  type Channel,
  type ForgeType,
  type NewTaskEvent,
  type NotificationSettings,
  type RepoId,
  type TaskEvent,
  type TaskId,
  type UserId,
} from '@abca/core';
import { aRequestId, aTaskId, testEpochMs } from '@abca/core/testing';
import type { Chance } from './chance.test-kit.ts';

/** People who are told in every combination of channels. */
export const people: Readonly<Record<string, NotificationSettings>> = {
  ann: { slack: { conversation: 'C0ANN' }, email: { address: 'ann@example.com' } },
  bob: { slack: { conversation: 'C0BOB' } },
  cay: { email: { address: 'cay@example.com' }, github: { comment: false } },
  dan: {},
};

/** Repositories, by where they are. */
export const forges: Readonly<Record<string, ForgeType>> = { 'acme/shop': 'github', 'acme/tools': 'git' };

const requestId = aRequestId(1);
const asked = milestoneEvent('approval_requested', {
  request_id: requestId,
  tool_name: 'Bash',
  input_preview: 'git push --force',
  input_sha256: 'a'.repeat(64),
  reason: 'force_push_any',
  severity: 'medium',
  timeout_s: 300,
  expires_at: formatIso(testEpochMs + 300_000),
  matching_rule_ids: ['force_push_any'],
});
const granted = milestoneEvent('approval_granted', {
  request_id: requestId,
  scope: 'this_call',
  decided_at: formatIso(testEpochMs),
  created_at: formatIso(testEpochMs),
  effective_timeout_s: 300,
  matching_rule_ids: ['force_push_any'],
});
const noise: readonly NewTaskEvent[] = [
  { eventType: 'agent_turn', metadata: { turn: 1, model: 'm', text_preview: 't', tool_calls_count: 0 } },
  { eventType: 'agent_cost_update', metadata: { cost_usd: 0.5, input_tokens: 1, output_tokens: 1, turn: 1 } },
  milestoneEvent('work_saved', { sha: 'abc' }),
];
const ends: readonly NewTaskEvent[] = [
  { eventType: 'task_completed', metadata: { outcome: 'delivered', turns: 3, cost_usd: 0.5 } },
  { eventType: 'task_failed', metadata: { code: 'SESSION_LOST', message: 'lost' } },
  { eventType: 'task_cancelled', metadata: { by: 'ann' } },
];

/** The log of one task: what people are told of, with what nobody is told of in between. */
function newLog(chance: Chance): readonly NewTaskEvent[] {
  const told: NewTaskEvent[] = [
    { eventType: 'task_created', metadata: { repo: 'acme/shop', task_type: 'new_task' } },
    { eventType: 'session_started', metadata: { session_id: 's', compute_type: 'local' } },
    ...(chance.hits(0.6) ? [asked, granted] : []),
    ...(chance.hits(0.2)
      ? [{ eventType: 'agent_error', metadata: { error_type: 'x', message_preview: 'y' } } as const]
      : []),
    ...(chance.hits(0.7) ? [milestoneEvent('pr_created', { pr_url: 'https://example.com/1', number: 1 })] : []),
    ends[chance.below(ends.length)]!,
  ];
  return told.flatMap((event) => (chance.hits(0.5) ? [event, noise[chance.below(noise.length)]!] : [event]));
}

/** Logs of tasks with `records` events in all, by task. */
export function newLogs(chance: Chance, records: number): ReadonlyMap<TaskId, readonly TaskEvent[]> {
  const logs = new Map<TaskId, readonly TaskEvent[]>();
  const users = Object.keys(people);
  const repos = Object.keys(forges);
  for (let left = records; left > 0;) {
    const taskId = aTaskId(logs.size + 1);
    const owner = {
      taskId,
      userId: users[chance.below(users.length)] as UserId,
      repo: repos[chance.below(repos.length)] as RepoId,
    };
    const log = newLog(chance)
      .slice(0, left)
      .map(({ eventType, metadata }, index): TaskEvent => ({
        ...owner,
        seq: index + 1,
        eventId: `${taskId}-${String(index + 1)}`,
        eventType,
        metadata: metadata as Record<string, unknown>,
        timestamp: formatIso(testEpochMs),
      }));
    logs.set(taskId, log);
    left -= log.length;
  }
  return logs;
}

/** `shards` lists in which the events of a task are in order and tasks are mixed. A task is in one of them. */
export function toShards(
  chance: Chance,
  logs: ReadonlyMap<TaskId, readonly TaskEvent[]>,
  shards: number,
): readonly (readonly TaskEvent[])[] {
  const dealt = Array.from({ length: shards }, (): TaskEvent[] => []);
  const waiting = [...logs.values()].map((log) => ({ log, next: 0, shard: chance.below(shards) }));
  // A window of tasks that run at the same time: their events are mixed, and come long after each other.
  const running = waiting.splice(0, 200);
  while (running.length > 0) {
    const at = chance.below(running.length);
    const task = running[at]!;
    dealt[task.shard]!.push(task.log[task.next]!);
    task.next += 1;
    if (task.next < task.log.length) continue;
    const successor = waiting.shift();
    if (successor === undefined) running.splice(at, 1);
    else running[at] = successor;
  }
  return dealt;
}

/** The channels on which somebody is to be told of an event, by what they set. */
export function expectedChannels(event: TaskEvent): readonly Channel[] {
  const told = channelsOf(event);
  return channels.filter(
    (channel) => told.includes(channel) && isSubscribed(channel, people[event.userId]!, forges[event.repo]),
  );
}

/** A record of the stream, as Lambda gives it. */
export function toRecord(event: TaskEvent, sequenceNumber: string): unknown {
  const { taskId, seq, eventId, eventType, timestamp, userId, repo, metadata } = event;
  const keys = { task_id: { S: taskId }, seq: { N: String(seq) } };
  return {
    eventID: `${taskId}-${String(seq)}`,
    eventName: 'INSERT',
    eventSource: 'aws:dynamodb',
    dynamodb: {
      Keys: keys,
      SequenceNumber: sequenceNumber,
      StreamViewType: 'NEW_IMAGE',
      NewImage: {
        ...keys,
        event_id: { S: eventId },
        event_type: { S: eventType },
        timestamp: { S: timestamp },
        user_id: { S: userId },
        repo: { S: repo },
        ttl: { N: '1775000000' },
        metadata: toAttribute(metadata),
      },
    },
  };
}

function toAttribute(value: unknown): unknown {
  if (typeof value === 'number') return { N: String(value) };
  if (Array.isArray(value)) return { L: value.map(toAttribute) };
  if (typeof value !== 'object' || value === null) return { S: String(value) };
  return { M: Object.fromEntries(Object.entries(value).map(([name, item]) => [name, toAttribute(item)])) };
}
