import { AbcaError, type StoredHandle } from '@abca/core';
import * as z from 'zod';

/** @see https://docs.aws.amazon.com/bedrock-agentcore/latest/APIReference/API_InvokeAgentRuntime.html for its length */
export const sessionIdSchema = z.string().min(33).max(256);

/** ARN of an agent runtime, without an endpoint: the DEFAULT one is invoked. */
export const runtimeArnSchema = z
  .string()
  .regex(
    /^arn:aws[a-z-]*:bedrock-agentcore:[a-z0-9-]+:\d{12}:runtime\/[A-Za-z0-9_-]+$/,
    'must be the ARN of an agent runtime',
  );

const agentCoreSessionHandleSchema = z.object({
  strategyType: z.literal('agentcore'),
  sessionId: sessionIdSchema,
  runtimeArn: runtimeArnSchema,
});

/** A session of an agent runtime. Known before it is started: it holds nothing that the service hands out. */
export type AgentCoreSessionHandle = z.infer<typeof agentCoreSessionHandleSchema>;

declare module '@abca/core' {
  interface ComputeBackends {
    agentcore: AgentCoreSessionHandle;
  }
}

/** @throws AbcaError FOREIGN_HANDLE when it is not one of ours */
export function parseHandle(handle: StoredHandle): AgentCoreSessionHandle {
  const parsed = agentCoreSessionHandleSchema.safeParse(handle);
  if (parsed.success) return parsed.data;
  throw new AbcaError(
    'FOREIGN_HANDLE',
    `session handle is not one of agentcore: ${problemsOf(parsed.error, 'handle')}`,
  );
}

/** What is wrong, by field. `whole` names the thing itself. */
export function problemsOf(error: z.ZodError, whole: string): string {
  return error.issues.map((issue) => `${issue.path.join('.') || whole}: ${issue.message}`).join('; ');
}
