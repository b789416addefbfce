import { parseEnvironment } from '@abca/core';
import * as z from 'zod';
import { runtimeArnSchema } from './session-handle.ts';

/** Variables that a deployed program finds its runtime by. Without them it has no AgentCore. */
export const agentCoreEnvironmentSchema = z.object({
  /** Runtime of the repositories whose blueprint names none. */
  ABCA_AGENTCORE_RUNTIME_ARN: runtimeArnSchema.optional(),
});

/**
 * The default runtime, as the environment of a deployed program says it; `undefined` when it names none.
 *
 * @throws AbcaError CONFIG_INVALID when it is not the ARN of a runtime
 */
export function runtimeArnOf(environment: Readonly<Record<string, string | undefined>>): string | undefined {
  return parseEnvironment('the AgentCore backend', agentCoreEnvironmentSchema, environment).ABCA_AGENTCORE_RUNTIME_ARN;
}
