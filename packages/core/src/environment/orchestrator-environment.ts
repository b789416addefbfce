import * as z from 'zod';

/** Environment of the orchestrator function. Read by the function, set by the stack. */
export const orchestratorEnvironmentSchema = z.object({
  AWS_REGION: z.string().min(1),
  /** Prefix of all table names, see `tableNames`. */
  ABCA_TABLE_PREFIX: z.string().min(1),
  /** Compute type of repositories whose blueprint names none. */
  ABCA_COMPUTE_TYPE: z.string().min(1),
  /** Told to sessions, see `sessionEnvironmentSchema`. */
  ABCA_CREDENTIALS_FUNCTION: z.string().min(1).optional(),
  ABCA_GITHUB_URL: z.url().optional(),
});
export type OrchestratorEnvironment = z.infer<typeof orchestratorEnvironmentSchema>;
