import { limits } from '@abca/core';
import { z } from '@hono/zod-openapi';

/** Body of `POST /v1/tasks/{task_id}/nudges`. */
export const sendNudgeWire = z
  .strictObject({ text: z.string().trim().min(1).max(limits.nudgeChars) })
  .openapi('SendNudge');
export type NudgeBody = z.input<typeof sendNudgeWire>;

/** A nudge that was taken. The event `nudge_received` has the same id. */
export const nudgeWire = z.object({ nudge_id: z.string() }).openapi('Nudge');
export type NudgeView = z.infer<typeof nudgeWire>;
