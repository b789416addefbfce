import { AbcaError, type ErrorCode, type Logger } from '@abca/core';
import { parseInvocation } from './invocation.ts';
import type { SessionHost } from './session-host.ts';

/** A request with its whole body. */
export interface AgentRequest {
  readonly method: string;
  /** Without query. */
  readonly path: string;
  /** `undefined` when it was longer than {@link maxBodyBytes}. */
  readonly body: Uint8Array | undefined;
}

/** What is answered, as JSON. */
export interface AgentAnswer {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
  /** The method that the path takes, when it was another one. */
  readonly allow?: string;
}

/** Longest body of an invocation. Ids, names and endpoints need a tenth of it. */
export const maxBodyBytes = 16 * 1024;

/** Answers to what AgentCore asks of a container. Never throws. */
export function answerRequest(host: SessionHost, logger: Logger, request: AgentRequest): AgentAnswer {
  switch (request.path) {
    case '/ping':
      return request.method === 'GET' ? ping(host) : notAllowed('GET');
    case '/invocations':
      return request.method === 'POST' ? invoke(host, logger, request.body) : notAllowed('POST');
    default:
      return refusal(404, 'VALIDATION_ERROR', 'there are only GET /ping and POST /invocations');
  }
}

/**
 * The time is that of the last change, not of the question: one that moves with every question would be taken for progress,
 * and an idle container never ended.
 *
 * @see https://docs.aws.amazon.com/bedrock-agentcore/latest/devguide/runtime-long-run.html
 */
function ping(host: SessionHost): AgentAnswer {
  const status = host.busy ? 'HealthyBusy' : 'Healthy';
  return { status: 200, body: { status, time_of_last_update: Math.floor(host.changedAtMs / 1000) } };
}

function invoke(host: SessionHost, logger: Logger, body: Uint8Array | undefined): AgentAnswer {
  if (body === undefined) return refusal(413, 'VALIDATION_ERROR', `the body is over ${String(maxBodyBytes)} bytes`);
  try {
    const { sessionId } = host.start(parseInvocation(body));
    return { status: 200, body: { accepted: true, session_id: sessionId } };
  } catch (error) {
    logger.warn('invocation refused', { error });
    const { code, message } = AbcaError.wrap(error, 'INTERNAL_ERROR', 'the session was not started');
    return refusal(statusOf(code), code, message);
  }
}

function statusOf(code: ErrorCode): number {
  switch (code) {
    case 'VALIDATION_ERROR':
      return 400;
    case 'SESSION_START_FAILED':
      return 409;
    case 'SERVICE_UNAVAILABLE':
      return 503;
    default:
      // CONFIG_INVALID too: what an invocation gives was right, the container is not.
      return 500;
  }
}

function notAllowed(allow: string): AgentAnswer {
  return { ...refusal(405, 'VALIDATION_ERROR', `only ${allow} is taken here`), allow };
}

function refusal(status: number, code: ErrorCode, message: string): AgentAnswer {
  return { status, body: { accepted: false, error: { code, message } } };
}
