import { createHash } from 'node:crypto';
import type { StartSessionInput } from '@abca/core';
import type { RunTaskCommandInput, TaskOverride } from '@aws-sdk/client-ecs';
import { ecsFailure } from '../ecs/ecs-errors.ts';
import { parseComputeSettings } from '../settings/compute-settings.ts';
import type { EcsSettings } from '../settings/ecs-settings.ts';

/**
 * Longest overrides of a task in characters, the JSON around them included (L14).
 *
 * @see https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_TaskOverride.html
 */
export const overridesLimitChars = 8_192;

/**
 * What to run for a session. Made from its arguments alone: a repeated start must ask for the very same, or the service takes
 * it for another request.
 *
 * @throws AbcaError SESSION_START_FAILED when the settings are not valid, or the overrides too long
 */
export function runTaskInput(settings: EcsSettings, input: StartSessionInput): RunTaskCommandInput {
  return {
    cluster: settings.clusterArn,
    taskDefinition: settings.taskDefinition,
    launchType: 'FARGATE',
    count: 1,
    clientToken: clientTokenOf(input.sessionId),
    startedBy: startedByOf(input.sessionId),
    tags: [
      { key: 'abca:task-id', value: input.taskId },
      { key: 'abca:session-id', value: input.sessionId },
      { key: 'abca:generation', value: String(input.generation) },
    ],
    propagateTags: 'TASK_DEFINITION',
    networkConfiguration: {
      awsvpcConfiguration: {
        subnets: [...settings.subnets],
        securityGroups: [...settings.securityGroups],
        assignPublicIp: 'DISABLED',
      },
    },
    overrides: overridesOf(settings.containerName, input),
  };
}

/**
 * The session id itself, or its digest where the service would not take it: up to 64 characters from `!` to `~`.
 *
 * @see https://docs.aws.amazon.com/AmazonECS/latest/APIReference/ECS_Idempotency.html
 */
export function clientTokenOf(sessionId: string): string {
  return /^[!-~]{1,64}$/.test(sessionId) ? sessionId : createHash('sha256').update(sessionId).digest('hex');
}

/** By which an operator lists the tasks of a session: up to 128 letters, digits, `-`, `_` and `/`. */
export function startedByOf(sessionId: string): string {
  return sessionId.replaceAll(/[^\w/-]/g, '-').slice(0, 128);
}

function overridesOf(containerName: string, input: StartSessionInput): TaskOverride {
  const { cpu, memory, ephemeralStorage } = parseComputeSettings(input.compute);
  const overrides = {
    containerOverrides: [{ name: containerName, environment: environmentOf(input.environment) }],
    ...(cpu !== undefined && { cpu: String(cpu) }),
    ...(memory !== undefined && { memory: String(memory) }),
    ...(ephemeralStorage !== undefined && { ephemeralStorage: { sizeInGiB: ephemeralStorage } }),
  };
  assertShort(overrides, input.sessionId);
  return overrides;
}

/** In the order of the names: whoever puts the environment together may do so in another order the next time. */
function environmentOf(environment: Readonly<Record<string, string>>): { name: string; value: string }[] {
  return Object.keys(environment)
    .sort()
    .map((name) => ({ name, value: environment[name] ?? '' }));
}

function assertShort(overrides: TaskOverride, sessionId: string): void {
  const chars = JSON.stringify(overrides).length;
  if (chars <= overridesLimitChars) return;
  const why = `its overrides have ${String(chars)} characters, and ECS takes ${String(overridesLimitChars)}; pass ids, and store what they name`;
  throw ecsFailure('start', sessionId, { why, reason: 'OverridesTooLong', retryable: false });
}
