// #region handle
import { AbcaError, type StoredHandle } from '@abca/core';
import { z } from 'zod';

const handleSchema = z.object({
  strategyType: z.literal('tinyrun'),
  sessionId: z.string().min(1),
  endpoint: z.url(),
  jobId: z.string().min(1),
});

/** A session that is a job of TinyRun. */
export type TinyRunSessionHandle = z.infer<typeof handleSchema>;

declare module '@abca/core' {
  interface ComputeBackends {
    tinyrun: TinyRunSessionHandle;
  }
}
// #endregion

// #region parse-handle
/**
 * @param endpoint the only one whose key we hold
 * @throws AbcaError FOREIGN_HANDLE when it is not one of ours
 */
export function parseHandle(handle: StoredHandle, endpoint: string): TinyRunSessionHandle {
  const { success, data, error } = handleSchema.safeParse(handle);
  if (!success) throw foreign(error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; '));
  if (data.endpoint !== endpoint) throw foreign(`it is of ${data.endpoint}, this strategy of ${endpoint}`);
  return data;
}

function foreign(why: string): AbcaError {
  return new AbcaError('FOREIGN_HANDLE', `session handle is not one of tinyrun: ${why}`);
}
// #endregion
