import {
  formatIso,
  milestoneEvent,
  type Approval,
  type DeliveryOutcome,
  type EventType,
  type Milestone,
  type MilestoneFields,
  type Notification,
  type Task,
  type TaskEvent,
} from '@abca/core';
import { anApproval, aTask, FakeClock, testEpochMs } from '@abca/core/testing';
import { startFakeSlack, type FakeMessage, type FakeSlack } from '@abca/wire-fakes/slack';
import { SlackApi } from './api/slack-api.ts';
import { SlackNotifier } from './slack-notifier.ts';

/** Where the owner of the builders' tasks wants to be told. */
export const conversation = 'C0GENERAL';

/** An event of the builders' task. */
export function anEvent(seq: number, eventType: EventType, metadata: Record<string, unknown> = {}): TaskEvent {
  const { taskId, userId, repo } = aTask();
  const eventId = `01KEVENT${String(seq).padStart(18, '0')}`;
  return { taskId, seq, eventId, eventType, timestamp: formatIso(testEpochMs + seq), metadata, userId, repo };
}

/** A milestone of the builders' task. */
export function aMilestone<M extends Milestone>(
  seq: number,
  milestone: M,
  fields: Partial<MilestoneFields<M>>,
): TaskEvent {
  const { metadata } = milestoneEvent(milestone, fields as MilestoneFields<M>);
  return anEvent(seq, 'agent_milestone', { ...metadata });
}

/** The event that tells of `approval`. */
export function asked(seq: number, { requestId }: Approval = anApproval()): TaskEvent {
  return aMilestone(seq, 'approval_requested', { request_id: requestId });
}

/** What is delivered, with a task that runs unless it says otherwise. */
export function told(event: TaskEvent, fields: Partial<Notification> = {}): Notification {
  const settings = { slack: { conversation } };
  return { event, task: aTask({ status: 'RUNNING' }), settings, memory: {}, uncertain: false, ...fields };
}

/** A notifier before a Slack of its own. */
export interface SlackWorld {
  readonly slack: FakeSlack;
  readonly clock: FakeClock;
  readonly notifier: SlackNotifier;
  /** Deliver, as an outbox does: with what the last delivery kept. */
  tell(event: TaskEvent, fields?: Partial<Notification>): Promise<DeliveryOutcome>;
  /** Forget what was kept, as a process that dies before it is written down. */
  crash(): void;
  /** The root of the only thread. */
  root(): FakeMessage;
  /** What is in its thread, without it. */
  replies(): readonly FakeMessage[];
}

export async function aSlackWorld(): Promise<SlackWorld> {
  const clock = new FakeClock();
  const slack = await startFakeSlack({ clock });
  const api = new SlackApi({ botToken: slack.botToken, apiUrl: slack.url });
  const notifier = new SlackNotifier({ api, clock });
  let memory: Notification['memory'] = {};
  let settled = memory;
  const root = (): FakeMessage => {
    const roots = slack.messages().filter(({ threadTs }) => threadTs === undefined);
    if (roots.length !== 1) throw new Error(`there are ${String(roots.length)} roots`);
    return roots[0] as FakeMessage;
  };
  return {
    slack,
    clock,
    notifier,
    tell: async (event, fields = {}) => {
      settled = memory;
      const outcome = await notifier.deliver(told(event, { memory, ...fields }));
      // By way of the store, which keeps JSON.
      memory = JSON.parse(JSON.stringify(outcome.memory ?? memory)) as Notification['memory'];
      return outcome;
    },
    crash: () => {
      memory = settled;
    },
    root,
    replies: () => slack.messages().filter(({ threadTs }) => threadTs === root().ts),
  };
}

/** All texts of a message, one a line. */
export function textsOf({ blocks }: Pick<FakeMessage, 'blocks'>): string {
  const texts = (value: unknown): readonly string[] => {
    if (Array.isArray(value)) return value.flatMap(texts);
    if (typeof value !== 'object' || value === null) return [];
    return Object.entries(value).flatMap(([name, each]) =>
      name === 'text' && typeof each === 'string' ? [each] : texts(each),
    );
  };
  return texts(blocks).join('\n');
}

/** The builders' task as it is in `status`. */
export function taskIn(status: Task['status'], fields: Partial<Task> = {}): Task {
  return aTask({ status, ...fields });
}
