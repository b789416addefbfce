import { formatIso, type Notification, type TaskEvent } from '@abca/core';
import { anApproval, aTask, aTaskId, testEpochMs } from '@abca/core/testing';
import type { Mail, MailTransport } from './index.ts';

/** An event of the builders' task. */
export function anEvent(fields: Partial<TaskEvent> = {}): TaskEvent {
  const { taskId, userId, repo } = aTask();
  return {
    taskId,
    seq: 7,
    eventId: aTaskId(99),
    eventType: 'task_completed',
    timestamp: formatIso(testEpochMs),
    metadata: { outcome: 'delivered', turns: 3, cost_usd: 0.5 },
    userId,
    repo,
    ...fields,
  };
}

/** That a task has ended, for somebody who reads mail. */
export function aNotification(fields: Partial<Notification> = {}): Notification {
  return {
    event: anEvent(),
    task: aTask({ status: 'COMPLETED' }),
    settings: { email: { address: 'ann@example.org' } },
    memory: {},
    uncertain: false,
    ...fields,
  };
}

/** That a person is asked. */
export function aRequestNotification(approval = anApproval(), fields: Partial<Notification> = {}): Notification {
  const event = anEvent({ eventType: 'agent_milestone', metadata: { milestone: 'approval_requested' } });
  return aNotification({ event, approval, task: aTask({ status: 'AWAITING_APPROVAL' }), ...fields });
}

/** Keeps what is sent, or fails as it is told. */
export class RecordingTransport implements MailTransport {
  readonly sent: Mail[] = [];
  failure: unknown;

  async send(mail: Mail): Promise<void> {
    if (this.failure !== undefined) throw this.failure;
    this.sent.push(mail);
  }
}
