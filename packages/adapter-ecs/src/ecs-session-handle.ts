import { AbcaError, type StoredHandle } from '@abca/core';
import * as z from 'zod';
import { problemsOf } from './settings/problems-of.ts';

const ecsSessionHandleSchema = z.object({
  strategyType: z.literal('ecs'),
  sessionId: z.string().min(1),
  clusterArn: z.string().min(1),
  taskArn: z.string().min(1),
});

/** A session that is a task of an ECS cluster. */
export type EcsSessionHandle = z.infer<typeof ecsSessionHandleSchema>;

declare module '@abca/core' {
  interface ComputeBackends {
    ecs: EcsSessionHandle;
  }
}

/** @throws AbcaError FOREIGN_HANDLE when it is not one of ours */
export function parseHandle(handle: StoredHandle): EcsSessionHandle {
  const parsed = ecsSessionHandleSchema.safeParse(handle);
  if (parsed.success) return parsed.data;
  throw new AbcaError('FOREIGN_HANDLE', `session handle is not one of ecs: ${problemsOf(parsed.error, 'handle')}`);
}
