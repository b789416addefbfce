import * as z from 'zod';

/** Environment of the scheduled reconciler. Read by the function, set by the stack. */
export const reconcilerEnvironmentSchema = z.object({
  AWS_REGION: z.string().min(1),
  /** Prefix of all table names, see `tableNames`. */
  ABCA_TABLE_PREFIX: z.string().min(1),
  /** Name or ARN of the orchestrator with a qualifier: it may have to be started. */
  ABCA_ORCHESTRATOR_FUNCTION: z.string().min(1),
});
export type ReconcilerEnvironment = z.infer<typeof reconcilerEnvironmentSchema>;
