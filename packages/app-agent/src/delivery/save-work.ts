import { isReadOnly } from '@abca/core';
import type { SessionRun } from '../session/session-run.ts';

/**
 * Put the working tree on the task's work-in-progress ref, if it holds anything new, and tell so. Nothing is saved for
 * tasks that may not write.
 *
 * @throws AbcaError WORKSPACE_ERROR or WORKSPACE_DISK_FULL
 */
export async function saveWork({ deps, task, reporter, facts }: SessionRun, signal: AbortSignal): Promise<void> {
  if (facts.checkout === undefined || isReadOnly(task.taskType)) return;
  const saved = await deps.workspace.saveWork(facts.checkout, { signal });
  if (saved.kind === 'unchanged') return;
  facts.wipSha = saved.sha;
  await reporter.milestone('work_saved', { sha: saved.sha });
}
