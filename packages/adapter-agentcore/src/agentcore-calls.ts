import {
  BedrockAgentCoreClient,
  InvokeAgentRuntimeCommand,
  StopRuntimeSessionCommand,
  type BedrockAgentCoreClientConfig,
  type InvokeAgentRuntimeCommandOutput,
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

/** Send an invocation and read the whole answer. */
export async function invoke(client: BedrockAgentCoreClient, invocation: Invocation): Promise<string> {
  const { handle, payload, userId, signal } = invocation;
  const command = new InvokeAgentRuntimeCommand({
    agentRuntimeArn: handle.runtimeArn,
    runtimeSessionId: handle.sessionId,
    ...(userId !== undefined && { runtimeUserId: userId }),
    contentType: 'application/json',
    accept: 'application/json',
    payload,
  });
  const { response } = await client.send(command, { abortSignal: signal });
  return response === undefined ? '' : readAll(response, signal);
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

/** The client's signal ends with the headers; an answer that stalls in its middle is ended here. */
async function readAll(
  body: NonNullable<InvokeAgentRuntimeCommandOutput['response']>,
  signal: AbortSignal,
): Promise<string> {
  const cut = (): void => {
    if ('destroy' in body) body.destroy(signal.reason as Error);
  };
  signal.addEventListener('abort', cut, { once: true });
  try {
    return await body.transformToString();
  } finally {
    signal.removeEventListener('abort', cut);
  }
}
