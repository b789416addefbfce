import * as z from 'zod';
import { isoTimeSchema } from '../task/task.ts';

/**
 * Where a delivery stands in the outbox. `claimed`: somebody tries it, until `dueAt`; past it they are taken for dead and
 * nobody knows whether the channel accepted it. `postponed`: to be tried from `dueAt` on. The others are final.
 */
export const deliveryStates = ['claimed', 'postponed', 'delivered', 'skipped', 'refused'] as const;
export type DeliveryState = (typeof deliveryStates)[number];

/** One delivery as the outbox keeps it. */
export const deliveryRecordSchema = z.object({
  state: z.enum(deliveryStates),
  /** Tries begun, one at work included. 0 while it waits for another delivery of its task and channel. */
  attempts: z.number().int().nonnegative(),
  /** Whether a try may have been accepted unheard. Stays so. */
  uncertain: z.boolean(),
  firstAt: isoTimeSchema,
  /** There while it is open. */
  dueAt: isoTimeSchema.optional(),
  /** Who claimed it last: a later claim has another one. */
  claimId: z.string().optional(),
  /** Of the last try that failed, or why it was skipped. */
  code: z.string().optional(),
  message: z.string().optional(),
});
export type DeliveryRecord = z.infer<typeof deliveryRecordSchema>;
