import { parseEnvironment } from '@abca/core';
import * as z from 'zod';
import type { EcsSettingsInput } from './ecs-settings.ts';

/** Variables that a deployed program finds its cluster by. All of them, or none: then it has no ECS. */
export const ecsEnvironmentSchema = z.object({
  ABCA_ECS_CLUSTER_ARN: z.string(),
  ABCA_ECS_TASK_DEFINITION: z.string(),
  ABCA_ECS_CONTAINER_NAME: z.string(),
  /** With commas between. */
  ABCA_ECS_SUBNETS: z.string(),
  /** With commas between. */
  ABCA_ECS_SECURITY_GROUPS: z.string(),
});

/**
 * Where sessions run, as the environment of a deployed program says it; `undefined` when it names nothing of ECS.
 *
 * @throws AbcaError CONFIG_INVALID when it names a part only: a backend that is half there must not look like none
 */
export function ecsSettingsOf(environment: Readonly<Record<string, string | undefined>>): EcsSettingsInput | undefined {
  const names = Object.keys(ecsEnvironmentSchema.shape);
  if (names.every((name) => (environment[name] ?? '') === '')) return undefined;
  const given = parseEnvironment('the ECS backend', ecsEnvironmentSchema, environment);
  return {
    clusterArn: given.ABCA_ECS_CLUSTER_ARN,
    taskDefinition: given.ABCA_ECS_TASK_DEFINITION,
    containerName: given.ABCA_ECS_CONTAINER_NAME,
    subnets: given.ABCA_ECS_SUBNETS,
    securityGroups: given.ABCA_ECS_SECURITY_GROUPS,
  };
}
