import { AbcaError, type StoredHandle } from '@abca/core';
import * as z from 'zod';

/** Becomes a folder's name, so it may hold nothing else. */
export const sessionIdPattern = /^[A-Za-z0-9][A-Za-z0-9_-]{0,199}$/;

const localSessionHandleSchema = z.object({
  strategyType: z.literal('local'),
  sessionId: z.string().regex(sessionIdPattern),
  pid: z.number().int().min(2),
  startedAtTicks: z.number().int().nonnegative(),
  workspaceDir: z.string().min(1),
});

/** A session that is a process group of this machine. */
export type LocalSessionHandle = z.infer<typeof localSessionHandleSchema>;

declare module '@abca/core' {
  interface ComputeBackends {
    local: LocalSessionHandle;
  }
}

/** @throws AbcaError FOREIGN_HANDLE when it is not one of ours */
export function parseHandle(handle: StoredHandle): LocalSessionHandle {
  const parsed = localSessionHandleSchema.safeParse(handle);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map((issue) => `${issue.path.join('.') || 'handle'}: ${issue.message}`);
  throw new AbcaError('FOREIGN_HANDLE', `session handle is not one of local: ${problems.join('; ')}`);
}
