import { AbcaError, redactDeep, redactOrHide, toWire, type Logger } from '@abca/core';
import type { Context } from 'hono';
import { HTTPException } from 'hono/http-exception';
import type { ApiEnv } from '../http/api-env.ts';
import { ApiProblem } from './api-problem.ts';
import type { ErrorView } from './error-wire.ts';
import { httpStatuses, type ApiErrorCode } from './http-status.ts';

interface Fault {
  readonly code: ApiErrorCode;
  readonly message: string;
  readonly details?: Readonly<Record<string, unknown>> | undefined;
  readonly retryAfterS?: number;
}

const internal: Fault = {
  code: 'INTERNAL_ERROR',
  message: 'something went wrong on our side; tell the operator the request id',
};

const ofHttpStatus: Readonly<Record<number, ApiErrorCode>> = {
  400: 'VALIDATION_ERROR',
  401: 'UNAUTHORIZED',
  403: 'FORBIDDEN',
  404: 'NOT_FOUND',
  405: 'METHOD_NOT_ALLOWED',
  413: 'PAYLOAD_TOO_LARGE',
  415: 'UNSUPPORTED_MEDIA_TYPE',
};

/**
 * The answer to whatever was thrown while a request was handled: the one place that turns errors into HTTP. Defects are
 * logged here, once, and shown only as a request id.
 */
export function answerError(logger: Logger, error: unknown, c: Context<ApiEnv>): Response {
  const fault = toFault(error);
  const status = httpStatuses[fault.code];
  const requestId = c.get('requestId');
  if (status >= 500) logFailure(logger, error, { requestId, status, method: c.req.method, path: c.req.path });
  const body: ErrorView = {
    error: {
      code: fault.code,
      message: redactOrHide(fault.message),
      request_id: requestId,
      ...(fault.details && { details: redactDeep(toWire(fault.details)) as Record<string, unknown> }),
    },
  };
  if (fault.retryAfterS !== undefined) c.header('Retry-After', String(fault.retryAfterS));
  if (fault.code === 'UNAUTHORIZED') c.header('WWW-Authenticate', 'Bearer');
  return c.json(body, status);
}

function toFault(error: unknown): Fault {
  if (error instanceof ApiProblem) return error;
  if (AbcaError.is(error)) return ofAbcaError(error);
  if (error instanceof HTTPException) return ofHttpException(error);
  return internal;
}

function ofAbcaError(error: AbcaError): Fault {
  const { code, message, details } = error;
  const status = httpStatuses[code];
  if (status === 500) return internal;
  const repeatable = status === 429 || (status === 503 && error.retryable);
  return { code, message, details, ...(repeatable && { retryAfterS: retryAfterOf(details) }) };
}

/** Seconds after which to repeat: what the thrower knows, else one. */
function retryAfterOf(details: AbcaError['details']): number {
  const ms = details?.['retryAfterMs'];
  return typeof ms === 'number' && Number.isFinite(ms) ? Math.max(1, Math.ceil(ms / 1000)) : 1;
}

function ofHttpException(error: HTTPException): Fault {
  const code = ofHttpStatus[error.status];
  if (code === undefined) return internal;
  if (code === 'UNSUPPORTED_MEDIA_TYPE')
    return { code, message: 'send the body as JSON: Content-Type: application/json' };
  return { code, message: error.message === '' ? 'the request is not valid' : error.message };
}

function logFailure(logger: Logger, error: unknown, fields: Readonly<Record<string, unknown>>): void {
  if (AbcaError.is(error) && error.retryable) logger.warn('request could not be served', { ...fields, error });
  else logger.error('request failed', { ...fields, error });
}
