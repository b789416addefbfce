import * as z from 'zod';

/** Environment of the fan-out of the events stream. Read by the function, set by the stack. */
export const fanOutEnvironmentSchema = z.object({
  AWS_REGION: z.string().min(1),
  /** Prefix of all table names, see `tableNames`. */
  ABCA_TABLE_PREFIX: z.string().min(1),
});
export type FanOutEnvironment = z.infer<typeof fanOutEnvironmentSchema>;
