import type { SessionStatus } from '@abca/core';
import type { Task } from '@aws-sdk/client-ecs';

/** What is read of a task. */
export type TaskView = Pick<Task, 'lastStatus' | 'stopCode' | 'stoppedReason'> & {
  readonly containers?:
    readonly { name?: string | undefined; exitCode?: number | undefined; reason?: string | undefined }[] | undefined;
};

/** Whether nothing of the task runs any more. DELETED is what follows STOPPED. */
export function isOver({ lastStatus }: Pick<TaskView, 'lastStatus'>): boolean {
  return lastStatus === 'STOPPED' || lastStatus === 'DELETED';
}

/**
 * What a task shows of its session. It is over when the task is, not before: a container that has exited may leave others
 * that go on. The exit code is that of the agent's container, by its name: a sidecar has one as well.
 *
 * @param task `undefined` when the service knows of none
 */
export function taskStatus(task: TaskView | undefined, containerName: string): SessionStatus {
  if (task === undefined) return failed('task not found: it never ran, or ended more than an hour ago');
  if (!isOver(task)) return { kind: 'running' };
  const container = task.containers?.find(({ name }) => name === containerName);
  const exitCode = container?.exitCode;
  if (exitCode === 0) return { kind: 'completed' };
  if (exitCode === undefined) return failed(whyNotStarted(task, container?.reason));
  return failed(join(`exit code ${String(exitCode)}`, container?.reason ?? task.stoppedReason));
}

/** Without an exit code the container never started (R15): what stopped the task says why. */
function whyNotStarted({ stopCode, stoppedReason }: TaskView, reason: string | undefined): string {
  const why = stoppedReason === reason ? reason : join(stoppedReason, reason);
  return join(stopCode ?? 'stopped', why ?? 'no reason given');
}

function failed(error: string): SessionStatus {
  return { kind: 'failed', error };
}

function join(first: string | undefined, second: string | undefined): string {
  return [first, second].filter((part) => part !== undefined && part !== '').join(': ');
}
