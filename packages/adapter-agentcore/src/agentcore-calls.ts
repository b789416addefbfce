import {
  BedrockAgentCoreClient,
  InvokeAgentRuntimeCommand,
  StopRuntimeSessionCommand,
  type BedrockAgentCoreClientConfig,
} from '@aws-sdk/client-bedrock-agentcore';
import type { AgentCoreSessionHandle } from './session-handle.ts';

/** A client that tries each call once: the strategy is what repeats them, so that a repetition can be seen and ended. */
export function createAgentCoreClient(config: BedrockAgentCoreClientConfig = {}): BedrockAgentCoreClient {
  return new BedrockAgentCoreClient({ maxAttempts: 1, ...config });
}

export interface Invocation {
  readonly handle: AgentCoreSessionHandle;
  readonly payload: Uint8Array;
  readonly userId?: string;
  readonly signal: AbortSignal;
}

/** Send an invocation and read the whole answer. The client ends the reading, too, when the signal is aborted. */
export async function invoke(client: BedrockAgentCoreClient, invocation: Invocation): Promise<string> {
  const { handle, payload, userId, signal } = invocation;
  const command = new InvokeAgentRuntimeCommand({
    agentRuntimeArn: handle.runtimeArn,
    runtimeSessionId: handle.sessionId,
    ...(userId !== undefined && { runtimeUserId: userId }),
    contentType: 'application/json',
    payload,
  });
  const { response } = await client.send(command, { abortSignal: signal });
  return (await response?.transformToString()) ?? '';
}

/** End a session. Resolves once the service says that it did. */
export async function stop(
  client: BedrockAgentCoreClient,
  { runtimeArn, sessionId }: AgentCoreSessionHandle,
  abortSignal: AbortSignal,
): Promise<void> {
  const command = new StopRuntimeSessionCommand({ agentRuntimeArn: runtimeArn, runtimeSessionId: sessionId });
  await client.send(command, { abortSignal });
}
