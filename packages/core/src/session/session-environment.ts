import * as z from 'zod';
import type { SessionId, TaskId } from '../ids/ids.ts';

/**
 * What an agent session is told by its environment to find everything else: ids, names and endpoints. Nothing user-sized
 * (a backend may cap it, the tightest known one at 8,192 characters) and no secret.
 */
export const sessionEnvironmentSchema = z.object({
  ABCA_TASK_ID: z.string().min(1) as unknown as z.ZodType<TaskId, string>,
  ABCA_SESSION_ID: z.string().min(33) as unknown as z.ZodType<SessionId, string>,
  ABCA_GENERATION: z.coerce.number().int().positive(),
  /** Prefix of all table names, see `tableNames`. */
  ABCA_TABLE_PREFIX: z.string().min(1),
  AWS_REGION: z.string().min(1),
  /** Set where DynamoDB is not AWS's own. */
  ABCA_DYNAMODB_ENDPOINT: z.url().optional(),
  /** Set where Lambda is not AWS's own. */
  ABCA_LAMBDA_ENDPOINT: z.url().optional(),
  /** Set where the platform tells sessions at once that a person has decided. */
  ABCA_FEED_URL: z.url().optional(),
  /** Function that gives sessions short-lived tokens for the forge of their repository. Absent: none is needed. */
  ABCA_CREDENTIALS_FUNCTION: z.string().min(1).optional(),
  /** Set where GitHub is not github.com: its API. */
  ABCA_GITHUB_URL: z.url().optional(),
  /** Key id that local services know a session of theirs by. Absent on AWS: the session's role signs there. */
  ABCA_ACCESS_KEY_ID: z.string().min(1).optional(),
  /** Milliseconds between heartbeats. */
  ABCA_HEARTBEAT_MS: z.coerce.number().int().positive().optional(),
  /** Milliseconds a lease lasts. */
  ABCA_LEASE_MS: z.coerce.number().int().positive().optional(),
});
export type SessionEnvironment = z.infer<typeof sessionEnvironmentSchema>;

/** The part of a session's environment that the platform, not the task, decides. */
export type PlatformSessionEnvironment = Readonly<Record<string, string>>;

/** The environment of one session. */
export function sessionEnvironment(
  platform: PlatformSessionEnvironment,
  ids: { readonly taskId: TaskId; readonly sessionId: SessionId; readonly generation: number },
): Readonly<Record<string, string>> {
  return {
    ...platform,
    ABCA_TASK_ID: ids.taskId,
    ABCA_SESSION_ID: ids.sessionId,
    ABCA_GENERATION: String(ids.generation),
  };
}
