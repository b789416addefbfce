import type { terminalEventTypes } from '@abca/core';

/** The compiler holds this against core's list, whose module is too heavy to load here: it brings the schemas along. */
const terminal: Readonly<Record<(typeof terminalEventTypes)[number], true>> = {
  task_completed: true,
  task_failed: true,
  task_cancelled: true,
  task_timed_out: true,
  task_stranded: true,
};

/** Whether an event of this type ends its task. */
export function endsTask(eventType: string): boolean {
  return Object.hasOwn(terminal, eventType);
}
