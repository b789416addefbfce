import type { TaskId } from '../ids/ids.ts';
import type { SessionSignals, SignalResult } from '../ports/session-signals.ts';
import type { TaskExecutions } from '../ports/task-executions.ts';

/** {@link SessionSignals} that remember. Behaviour: the first completion of a callback is delivered, later ones are `gone`. */
export class InMemorySessionSignals implements SessionSignals {
  readonly completed = new Map<string, unknown>();
  readonly heartbeats: string[] = [];

  async complete(callbackId: string, payload: unknown): Promise<SignalResult> {
    if (this.completed.has(callbackId)) return { kind: 'gone' };
    this.completed.set(callbackId, payload);
    return { kind: 'delivered' };
  }

  async heartbeat(callbackId: string): Promise<SignalResult> {
    if (this.completed.has(callbackId)) return { kind: 'gone' };
    this.heartbeats.push(callbackId);
    return { kind: 'delivered' };
  }
}

/** {@link TaskExecutions} that remember: a set, as a repeated start is the same execution. */
export class InMemoryTaskExecutions implements TaskExecutions {
  readonly started = new Set<TaskId>();

  async start(taskId: TaskId): Promise<void> {
    this.started.add(taskId);
  }
}
