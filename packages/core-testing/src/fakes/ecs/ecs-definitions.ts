/** A container of a task definition, as far as the fake needs it. */
export interface EcsContainerDefinition {
  readonly name: string;
  readonly environment?: Readonly<Record<string, string>>;
  /** Whether the task ends when this container does. @default true */
  readonly essential?: boolean;
  /** Milliseconds from SIGTERM to SIGKILL. @default 30000 */
  readonly stopTimeoutMs?: number;
}

/** What `registerTaskDefinition` takes. Each call makes the next revision of its family. */
export interface EcsTaskDefinitionInput {
  readonly family: string;
  readonly containers: readonly [EcsContainerDefinition, ...EcsContainerDefinition[]];
  /** @default 'ACTIVE' */
  readonly status?: 'ACTIVE' | 'INACTIVE';
}

/** A revision of a family. */
export interface EcsTaskDefinition extends EcsTaskDefinitionInput {
  readonly arn: string;
  readonly revision: number;
}

/** Where everything of a fake is. */
export const fakeAccount = { region: 'us-east-1', id: '123456789012' } as const;

/** ARN of something in the fake's account. */
export function ecsArn(resource: string): string {
  return `arn:aws:ecs:${fakeAccount.region}:${fakeAccount.id}:${resource}`;
}

/** The task definitions of the account. */
export class EcsTaskDefinitions {
  readonly #revisions: EcsTaskDefinition[] = [];

  register(input: EcsTaskDefinitionInput): EcsTaskDefinition {
    const revision = this.#revisions.filter(({ family }) => family === input.family).length + 1;
    const definition = { ...input, revision, arn: ecsArn(`task-definition/${input.family}:${String(revision)}`) };
    this.#revisions.push(definition);
    return definition;
  }

  /** @param reference family (its latest active revision), family and revision, or ARN */
  find(reference: string): EcsTaskDefinition | undefined {
    const [family, revision] = reference.replace(/^.*task-definition\//, '').split(':');
    const ofFamily = this.#revisions.filter((definition) => definition.family === family);
    if (revision !== undefined) return ofFamily.find((definition) => String(definition.revision) === revision);
    return ofFamily.findLast(({ status }) => status !== 'INACTIVE') ?? ofFamily.at(-1);
  }
}
