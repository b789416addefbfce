import { describeStop, redactOrHide, type StopReport } from '@abca/core';
import { z } from '@hono/zod-openapi';

/** How the stop of a session ended. */
export const stopWire = z
  .object({
    outcome: z.enum(['stopped', 'already_gone', 'requested', 'no_session', 'failed']),
    /** One sentence for people. */
    description: z.string(),
    /** For `stopped`: what proved it. */
    proven_by: z.string().optional(),
  })
  .openapi('StopReport');
export type StopView = z.infer<typeof stopWire>;

/** The view of a stop report. */
export function toStopView(report: StopReport): StopView {
  const description = redactOrHide(sentenceOf(report));
  return {
    outcome: report.kind,
    description,
    ...(report.kind === 'stopped' && { proven_by: redactOrHide(report.provenBy) }),
  };
}

function sentenceOf(report: StopReport): string {
  switch (report.kind) {
    case 'no_session':
      return 'no session had been started';
    case 'failed':
      return `the session may still run, the stop is tried again: ${report.message}`;
    case 'stopped':
    case 'already_gone':
    case 'requested':
      return describeStop(report);
    default:
      return report satisfies never;
  }
}
