import { invalidParameter } from './ecs-errors.ts';

/** What the fake reads of a request of RunTask. */
export interface RunTaskRequest {
  readonly cluster?: string;
  readonly taskDefinition?: string;
  readonly clientToken?: string;
  readonly startedBy?: string;
  readonly count?: number;
  readonly launchType?: string;
  readonly propagateTags?: string;
  readonly tags?: readonly { readonly key: string; readonly value: string }[];
  readonly networkConfiguration?: {
    readonly awsvpcConfiguration?: {
      readonly subnets?: readonly string[];
      readonly securityGroups?: readonly string[];
    };
  };
  readonly overrides?: {
    readonly containerOverrides?: readonly {
      readonly name?: string;
      readonly environment?: readonly { readonly name: string; readonly value: string }[];
    }[];
    readonly [setting: string]: unknown;
  };
}

export interface DescribeTasksRequest {
  readonly cluster?: string;
  readonly tasks?: readonly string[];
}

export interface StopTaskRequest {
  readonly cluster?: string;
  readonly task?: string;
  readonly reason?: string;
}

export interface ListTasksRequest {
  readonly cluster?: string;
  readonly family?: string;
  readonly startedBy?: string;
  readonly desiredStatus?: string;
  readonly maxResults?: number;
  readonly nextToken?: string;
}

/** Longest overrides of a task, their JSON included. @see https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_TaskOverride.html */
const overridesChars = 8_192;

/** What RunTask refuses by its form alone. @throws EcsFault InvalidParameterException */
export function checkRunTask(request: RunTaskRequest): void {
  const { clientToken, startedBy, taskDefinition, overrides, tags = [], count = 1 } = request;
  if (!taskDefinition) throw invalidParameter('Task definition can not be blank.');
  if (count < 1 || count > 10) throw invalidParameter('count must be between 1 and 10.');
  if (clientToken !== undefined && !/^[!-~]{1,64}$/.test(clientToken)) throw invalidParameter('Invalid clientToken.');
  if (startedBy !== undefined && !/^[\w/-]{1,128}$/.test(startedBy)) throw invalidParameter('Invalid startedBy.');
  if (tags.length > 50) throw invalidParameter('The number of tags exceeds 50.');
  if (request.propagateTags === 'SERVICE') throw invalidParameter('SERVICE is not supported for RunTask.');
  if (overrides !== undefined && JSON.stringify(overrides).length > overridesChars) {
    throw invalidParameter(`Container Overrides length must be at most ${String(overridesChars)}`);
  }
  checkNetwork(request);
}

function checkNetwork({ launchType, networkConfiguration }: RunTaskRequest): void {
  if (launchType !== 'FARGATE') return;
  const network = networkConfiguration?.awsvpcConfiguration;
  if (network === undefined) {
    throw invalidParameter("Network Configuration must be provided when networkMode 'awsvpc' is specified.");
  }
  const { subnets = [], securityGroups = [] } = network;
  if (subnets.length === 0) throw invalidParameter('subnets can not be empty.');
  if (subnets.length > 16) throw invalidParameter('subnets can have at most 16 items.');
  if (securityGroups.length > 5) throw invalidParameter('securityGroups can have at most 5 items.');
  if (subnets.some((id) => !/^subnet-[0-9a-z-]+$/.test(id))) throw invalidParameter('The subnet ID does not exist.');
}

/** The environment of one container: that of its definition, with the overrides on top. */
export function environmentOf(
  defined: { readonly name: string; readonly environment?: Readonly<Record<string, string>> },
  { overrides }: RunTaskRequest,
): Readonly<Record<string, string>> {
  const override = overrides?.containerOverrides?.find(({ name }) => name === defined.name);
  const given = override?.environment?.map(({ name, value }) => [name, value]) ?? [];
  return { ...defined.environment, ...(Object.fromEntries(given) as Record<string, string>) };
}
