import { AbcaError } from '../errors/abca-error.ts';
import type { TaskId, UserId } from '../ids/ids.ts';
import { limits } from '../limits.ts';
import type { CallOptions } from '../ports/call-options.ts';
import type { Clock } from '../ports/clock.ts';
import type { IdGenerator } from '../ports/id-generator.ts';
import type { RateLimiter } from '../ports/rate-limiter.ts';
import type { TaskRepository } from '../ports/task-repository.ts';
import { stripEscapes } from '../redaction/preview.ts';
import { redactOrHide } from '../redaction/redact.ts';
import { isCancellable, taskStatuses } from '../task/task-status.ts';
import { notFound, refusal } from './cancel-task.ts';
import { takeRate } from './take-rate.ts';

export interface NudgeDeps {
  readonly tasks: Pick<TaskRepository, 'find' | 'amend'>;
  readonly rates: RateLimiter;
  readonly ids: Pick<IdGenerator, 'newEventId'>;
  readonly clock: Pick<Clock, 'nowMs'>;
}

/**
 * Say something to the agent of a task while it works. The words go into the log of the task, which is the queue its session
 * reads between two turns: in order, and never lost with a session. Secrets are taken out before they go anywhere.
 *
 * @param text 1 to `limits.nudgeChars` characters
 * @throws AbcaError TASK_NOT_FOUND (also for somebody else's), TASK_ALREADY_TERMINAL, TASK_FINALIZING, VALIDATION_ERROR,
 *   RATE_LIMIT_EXCEEDED, SERVICE_UNAVAILABLE (retryable)
 */
export async function nudgeTask(
  deps: NudgeDeps,
  { userId, taskId, text }: { readonly userId: UserId; readonly taskId: TaskId; readonly text: string },
  options?: CallOptions,
): Promise<{ readonly nudgeId: string }> {
  const words = assertText(text);
  const task = await deps.tasks.find(taskId, options);
  if (task?.userId !== userId) throw notFound(taskId);
  if (!isCancellable(task.status)) throw refusal(task);
  await takeRate(deps.rates, { key: `nudge#${taskId}`, rule: limits.nudgeRate, what: 'nudges of this task' }, options);
  const nudgeId = deps.ids.newEventId();
  const told = await deps.tasks.amend(
    {
      taskId,
      atMs: deps.clock.nowMs(),
      whileIn: taskStatuses.filter(isCancellable),
      patch: {},
      events: [{ eventType: 'nudge_received', metadata: { nudge_id: nudgeId, text: redactOrHide(words) } }],
    },
    options,
  );
  if (told.kind === 'moved') return { nudgeId };
  throw told.kind === 'lost' ? refusal(told.task) : notFound(taskId);
}

function assertText(text: string): string {
  const words = stripEscapes(text).trim();
  if (words !== '' && words.length <= limits.nudgeChars) return words;
  const found = words === '' ? 'is empty' : `has ${String(words.length)} characters`;
  throw new AbcaError('VALIDATION_ERROR', `the nudge ${found}; write 1 to ${String(limits.nudgeChars)}`);
}
