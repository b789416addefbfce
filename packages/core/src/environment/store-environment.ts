import * as z from 'zod';

/** Where a function finds the tables; what else it needs, it reads by schemas of that. Read by the function, set by the stack. */
export const storeEnvironmentSchema = z.object({
  AWS_REGION: z.string().min(1),
  /** Prefix of all table names, see `tableNames`. */
  ABCA_TABLE_PREFIX: z.string().min(1),
});
export type StoreEnvironment = z.infer<typeof storeEnvironmentSchema>;
