import { milestoneEvent } from '../events/milestones.ts';
import type { NewTaskEvent, TaskEvent } from '../events/task-event.ts';
import { channels, type Channel } from '../notify/audience.ts';
import { ChannelPauses } from '../notify/channel-pauses.ts';
import type { DeliveryOutcome, Notification } from '../notify/notification.ts';
import type { NotificationSettings } from '../notify/notification-settings.ts';
import type { CallOptions } from '../ports/call-options.ts';
import type { Notifier } from '../ports/notifier.ts';
import type { Task } from '../task/task.ts';
import { aRepoConfig, aRequestId, aTask } from '../testing/builders.ts';
import { CapturingLogger } from '../testing/capturing-logger.ts';
import { FakeClock } from '../testing/fake-clock.ts';
import { InMemoryApprovalRepository } from '../testing/in-memory-approval-repository.ts';
import { InMemoryEventLog } from '../testing/in-memory-event-log.ts';
import { InMemoryOutbox } from '../testing/in-memory-outbox.ts';
import { InMemoryRepoConfigRepository } from '../testing/in-memory-stores.ts';
import { InMemoryTaskRepository } from '../testing/in-memory-task-repository.ts';
import type { DeliverDueDeps } from './deliver-due.ts';

export const created: NewTaskEvent = {
  eventType: 'task_created',
  metadata: { repo: 'acme/shop', task_type: 'new_task' },
};
export const started: NewTaskEvent = {
  eventType: 'session_started',
  metadata: { session_id: 's', compute_type: 'local' },
};
export const completed: NewTaskEvent = {
  eventType: 'task_completed',
  metadata: { outcome: 'delivered', turns: 1, cost_usd: 0 },
};
export const turned: NewTaskEvent = {
  eventType: 'agent_turn',
  metadata: { turn: 1, model: 'm', text_preview: 't', tool_calls_count: 0 },
};
export const asked = milestoneEvent('approval_requested', {
  request_id: aRequestId(),
  tool_name: 'Bash',
  input_preview: 'git push --force',
  input_sha256: 'a'.repeat(64),
  reason: 'force_push_any',
  severity: 'medium',
  timeout_s: 300,
  expires_at: '2026-01-01T00:05:00.000Z',
  matching_rule_ids: ['force_push_any'],
});

/** How a channel of this world answers; it accepts unless told otherwise. */
export type Answer = (notification: Notification, options: CallOptions) => Promise<DeliveryOutcome>;

export interface DeliverWorld {
  readonly deps: DeliverDueDeps;
  readonly clock: FakeClock;
  readonly logger: CapturingLogger;
  readonly outbox: InMemoryOutbox;
  readonly tasks: InMemoryTaskRepository;
  /** What each channel was given, in that order. */
  readonly told: readonly { readonly channel: Channel; readonly notification: Notification }[];
  /** The same as `slack 1`: channel and number of the event. */
  said(): string[];
  /** A task with a log. */
  aLog(log: readonly NewTaskEvent[], fields?: Partial<Task>): Promise<readonly TaskEvent[]>;
}

/** An installation with recording channels whose user is told on all of them. Name only what matters to the test. */
export function aDeliverWorld(
  options: {
    readonly answers?: Partial<Readonly<Record<Channel, Answer>>>;
    readonly settings?: NotificationSettings;
    readonly channels?: readonly Channel[];
    readonly forge?: 'git' | 'github';
  } = {},
): DeliverWorld {
  const { settings = { slack: { conversation: 'C0ANN' }, email: { address: 'ann@example.com' } } } = options;
  const clock = new FakeClock();
  const logger = new CapturingLogger();
  const events = new InMemoryEventLog(clock);
  const tasks = new InMemoryTaskRepository(events);
  const outbox = new InMemoryOutbox();
  const told: { readonly channel: Channel; readonly notification: Notification }[] = [];
  const notifier = (channel: Channel): Notifier => ({
    channel,
    async deliver(notification, callOptions = {}) {
      told.push({ channel, notification });
      return options.answers?.[channel]?.(notification, callOptions) ?? { kind: 'delivered' };
    },
  });
  const deps: DeliverDueDeps = {
    outbox,
    notifiers: new Map((options.channels ?? channels).map((channel) => [channel, notifier(channel)])),
    tasks,
    approvals: new InMemoryApprovalRepository(tasks),
    repos: new InMemoryRepoConfigRepository(aRepoConfig({ forge: options.forge ?? 'github' })),
    settings: { get: async () => settings },
    events,
    clock,
    logger,
    random: () => 1,
    pauses: new ChannelPauses(),
  };
  const aLog = async (log: readonly NewTaskEvent[], fields: Partial<Task> = {}): Promise<readonly TaskEvent[]> => {
    const task = aTask(fields);
    await tasks.create({ task, events: log });
    return events.read({ taskId: task.taskId, after: 0, limit: 100 });
  };
  const said = () => told.map(({ channel, notification: { event } }) => `${channel} ${String(event.seq)}`);
  return { deps, clock, logger, outbox, tasks, told, said, aLog };
}
