import type { LoopbackReply, LoopbackRequest } from '../loopback-server.ts';

/** The two operations that the fake knows. */
export type AgentCoreOperation = 'invoke' | 'stop';

/**
 * Errors of the data plane with their HTTP status.
 *
 * @see https://docs.aws.amazon.com/bedrock-agentcore/latest/APIReference/API_InvokeAgentRuntime.html
 */
const statusOf = {
  ValidationException: 400,
  ServiceQuotaExceededException: 402,
  AccessDeniedException: 403,
  ResourceNotFoundException: 404,
  ConflictException: 409,
  RetryableConflictException: 409,
  RuntimeClientError: 424,
  ThrottlingException: 429,
  InternalServerException: 500,
} as const;

/** Names of the errors of the data plane. */
export type AgentCoreErrorName = keyof typeof statusOf;

/** An error that the service answers with. */
export class Refusal extends Error {
  override readonly name: AgentCoreErrorName;

  constructor(name: AgentCoreErrorName, message: string) {
    super(message);
    this.name = name;
  }
}

export const sessionHeader = 'x-amzn-bedrock-agentcore-runtime-session-id';
export const userHeader = 'x-amzn-bedrock-agentcore-runtime-user-id';

/** A request as it came in, refused ones among them. */
export interface AgentCoreRequest {
  readonly operation: AgentCoreOperation;
  readonly runtimeArn: string;
  readonly sessionId: string;
  readonly userId?: string;
  /** Of the body. An invocation passes it on to the container. */
  readonly contentType: string;
  readonly body: string;
}

const routes: Readonly<Record<string, AgentCoreOperation>> = { invocations: 'invoke', stopruntimesession: 'stop' };

/** What is asked for; `undefined` when it is no operation of the API. Session ids are minted by the client where absent. */
export function readRequest({ method, path, headers, body }: LoopbackRequest): AgentCoreRequest | undefined {
  const [, arn, name] = /^\/runtimes\/([^/]+)\/(\w+)$/.exec(path) ?? [];
  const operation = routes[name ?? ''];
  if (method !== 'POST' || arn === undefined || operation === undefined) return undefined;
  const userId = headers[userHeader];
  return {
    operation,
    runtimeArn: decodeURIComponent(arn),
    sessionId: headers[sessionHeader] ?? '',
    ...(userId !== undefined && { userId }),
    contentType: headers['content-type'] ?? 'application/octet-stream',
    body,
  };
}

/** @throws Refusal for what the service refuses whatever its state */
export function checkRequest({ sessionId }: AgentCoreRequest, authorization: string | undefined): void {
  if (authorization?.includes('/bedrock-agentcore/aws4_request') !== true) {
    throw new Refusal('AccessDeniedException', 'Missing Authentication Token');
  }
  if (sessionId.length >= 33 && sessionId.length <= 256) return;
  const rule = 'Member must have length between 33 and 256, inclusive';
  throw new Refusal('ValidationException', `Value at 'runtimeSessionId' failed to satisfy constraint: ${rule}`);
}

/** How an error looks on the wire. */
export function refusalReply({ name, message }: Refusal): LoopbackReply {
  const headers = { 'content-type': 'application/json', 'x-amzn-errortype': name };
  return { status: statusOf[name], headers, body: JSON.stringify({ message }) };
}
