import { AbcaError } from '@abca/core';
import * as z from 'zod';
import { problemsOf } from './problems-of.ts';

/**
 * Ids of a list, or of text with commas between, as an environment variable holds it: trimmed, empty ones dropped (R16).
 *
 * @param max what ECS takes. @see https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_AwsVpcConfiguration.html
 */
function idList(kind: 'subnet' | 'sg', max: number): z.ZodType<readonly string[], string | readonly string[]> {
  const id = z.string().regex(new RegExp(`^${kind}-[0-9a-z]+$`), `must be an id of the form ${kind}-…`);
  return z
    .union([z.string().transform((text) => text.split(',')), z.array(z.string()).readonly()])
    .transform((ids) => ids.map((text) => text.trim()).filter((text) => text !== ''))
    .pipe(z.array(id).min(1).max(max));
}

/**
 * The family of a task definition: its ARN or name without the revision. A start then runs what was deployed last; a pinned
 * revision would be the one that the next deployment makes inactive.
 */
export function familyOf(taskDefinition: string): string {
  return taskDefinition
    .trim()
    .replace(/^arn:.*:task-definition\//, '')
    .replace(/:\d+$/, '');
}

const name = z.string().regex(/^[\w-]{1,255}$/, 'must be 1 to 255 letters, digits, - and _');

const ecsSettingsSchema = z.strictObject({
  clusterArn: z
    .string()
    .trim()
    .regex(/^arn:aws[a-z-]*:ecs:[a-z0-9-]+:\d{12}:cluster\/[\w-]{1,255}$/, 'must be the ARN of a cluster'),
  taskDefinition: z.string().transform(familyOf).pipe(name),
  containerName: z.string().trim().pipe(name),
  subnets: idList('subnet', 16),
  securityGroups: idList('sg', 5),
});

/** Where sessions run. All of it or none: a part left out would be filled in by defaults of the account (R9). */
export interface EcsSettingsInput {
  /** ARN of the cluster. */
  readonly clusterArn: string;
  /** Family of the task definition; of a name with a revision or an ARN the family is taken. */
  readonly taskDefinition: string;
  /** The agent's container in it: it gets the environment, and its exit code is the session's. */
  readonly containerName: string;
  /** 1 to 16 ids, as a list or with commas between. */
  readonly subnets: string | readonly string[];
  /** 1 to 5 ids, as a list or with commas between. */
  readonly securityGroups: string | readonly string[];
}

/** {@link EcsSettingsInput}, checked and in one form. */
export type EcsSettings = z.output<typeof ecsSettingsSchema>;

/** @throws AbcaError CONFIG_INVALID with every problem at once */
export function parseEcsSettings(input: EcsSettingsInput): EcsSettings {
  const parsed = ecsSettingsSchema.safeParse(input);
  if (parsed.success) return parsed.data;
  throw new AbcaError('CONFIG_INVALID', `settings of ecs are not valid: ${problemsOf(parsed.error, 'settings')}`);
}
