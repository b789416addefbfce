import type { SessionStatus } from '@abca/core';
import { z } from 'zod';

/** A job as TinyRun shows it. `state` is any text: a later TinyRun may know more states than this adapter. */
export const jobSchema = z.object({
  id: z.string(),
  state: z.string(),
  exit_code: z.number().int().optional(),
  reason: z.string().optional(),
});
export type TinyRunJob = z.infer<typeof jobSchema>;

// #region status
/** What TinyRun shows of a session. Total: also over no job at all, and over states that are younger than this code. */
export function statusOf(job: TinyRunJob | undefined): SessionStatus {
  if (job === undefined) return { kind: 'failed', error: 'TinyRun has no such job' };
  switch (job.state) {
    case 'queued':
    case 'running':
    case 'stopping':
      return { kind: 'running' };
    case 'exited':
      return job.exit_code === 0 ? { kind: 'completed' } : { kind: 'failed', error: exitText(job) };
    case 'stopped':
      return { kind: 'failed', error: 'the job was stopped' };
    case 'lost':
      return { kind: 'failed', error: `TinyRun lost the job: ${job.reason ?? 'no reason given'}` };
    default:
      return { kind: 'unobservable' };
  }
}

function exitText({ exit_code: code }: TinyRunJob): string {
  return code === undefined ? 'the job ended without an exit code' : `exit code ${String(code)}`;
}
// #endregion

/** Whether nothing of the job runs any more. */
export function isOver(job: TinyRunJob | undefined): boolean {
  return job === undefined || ['exited', 'stopped', 'lost'].includes(job.state);
}
