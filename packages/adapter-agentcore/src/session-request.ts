import { AbcaError, type StartSessionInput } from '@abca/core';
import * as z from 'zod';
import { problemsOf, runtimeArnSchema, sessionIdSchema, type AgentCoreSessionHandle } from './session-handle.ts';

/** What a blueprint may set under `compute` besides the type. An unknown name is a mistake to tell about. */
const computeSettingsSchema = z.strictObject({
  /** Runtime of this repository's sessions, instead of the platform's. */
  runtimeArn: runtimeArnSchema.optional(),
});

/**
 * The session that `input` asks for. The runtime is that of the resolved blueprint, else the platform's; from here on it is
 * read from the handle and nowhere else.
 *
 * @throws AbcaError SESSION_START_FAILED when the settings are not valid, or name no runtime and there is no default
 */
export function handleOf(
  { sessionId, compute }: Pick<StartSessionInput, 'sessionId' | 'compute'>,
  defaultRuntimeArn: string | undefined,
): AgentCoreSessionHandle {
  const settings = computeSettingsSchema.safeParse(compute);
  if (!settings.success) throw refused(`compute settings: ${problemsOf(settings.error, 'compute')}`);
  const wanted = settings.data.runtimeArn ?? defaultRuntimeArn;
  if (wanted === undefined) throw refused('no runtime is set; set compute.runtimeArn in the blueprint');
  const request = z.object({ sessionId: sessionIdSchema, runtimeArn: runtimeArnSchema });
  const parsed = request.safeParse({ sessionId, runtimeArn: wanted });
  if (!parsed.success) throw refused(problemsOf(parsed.error, 'session'));
  return { strategyType: 'agentcore', ...parsed.data };
}

/**
 * What the agent server is sent. AgentCore has one environment per runtime and none per session, so that of the session
 * comes with the invocation.
 */
export function payloadOf({ environment }: Pick<StartSessionInput, 'environment'>): Uint8Array {
  return new TextEncoder().encode(JSON.stringify({ environment }));
}

function refused(why: string): AbcaError {
  return new AbcaError('SESSION_START_FAILED', `session did not start: ${why}`);
}
