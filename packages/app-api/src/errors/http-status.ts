import { errorCodes, type ErrorCode } from '@abca/core';
import type { ContentfulStatusCode } from 'hono/utils/http-status';

/** What only HTTP can get wrong; core knows nothing of routes and bodies. */
export const transportErrors = {
  NOT_FOUND: 'there is no such route',
  REPO_NOT_FOUND: 'no such repository has been added',
  METHOD_NOT_ALLOWED: 'the route does not take this method',
  PAYLOAD_TOO_LARGE: 'the body is too large',
  UNSUPPORTED_MEDIA_TYPE: 'the body is not JSON',
} as const;

/** Every code that the body of an error may carry. */
export type ApiErrorCode = ErrorCode | keyof typeof transportErrors;

/** All codes, for schemas and documents. */
export const apiErrorCodes = [...Object.keys(errorCodes), ...Object.keys(transportErrors)] as [
  ApiErrorCode,
  ...ApiErrorCode[],
];

/**
 * The HTTP status of every code. The compiler refuses a code of core that is missing here. Codes at 500 never reach a client
 * by name: they tell of a defect, and leave as INTERNAL_ERROR.
 */
export const httpStatuses: Readonly<Record<ApiErrorCode, ContentfulStatusCode>> = {
  VALIDATION_ERROR: 400,
  UNAUTHORIZED: 401,
  SIGNATURE_INVALID: 401,
  FORBIDDEN: 403,
  NOT_FOUND: 404,
  REPO_NOT_FOUND: 404,
  TASK_NOT_FOUND: 404,
  REQUEST_NOT_FOUND: 404,
  SESSION_NOT_FOUND: 404,
  METHOD_NOT_ALLOWED: 405,
  DUPLICATE_TASK: 409,
  TASK_ALREADY_TERMINAL: 409,
  TASK_FINALIZING: 409,
  REQUEST_ALREADY_DECIDED: 409,
  TASK_NOT_AWAITING_APPROVAL: 409,
  ALREADY_LINKED: 409,
  PAYLOAD_TOO_LARGE: 413,
  UNSUPPORTED_MEDIA_TYPE: 415,
  REPO_NOT_ONBOARDED: 422,
  UNKNOWN_COMPUTE_TYPE: 422,
  UNKNOWN_FORGE: 422,
  CHANNEL_NOT_CONFIGURED: 422,
  PREFLIGHT_FAILED: 422,
  NOT_A_REPOSITORY: 422,
  EMPTY_REPOSITORY: 422,
  BRANCH_NOT_FOUND: 422,
  BRANCH_PROTECTED: 422,
  FORGE_ACCESS_DENIED: 422,
  CONTEXT_TOO_LARGE: 422,
  POLICY_INVALID: 422,
  RATE_LIMIT_EXCEEDED: 429,
  QUEUE_FULL: 429,
  SERVICE_UNAVAILABLE: 503,
  /** A stored row, such as a blueprint, that somebody has to repair first. */
  STORE_CORRUPT: 503,
  MODEL_UNAVAILABLE: 503,
  RECONCILE_FAILED: 503,
  INTERNAL_ERROR: 500,
  CONFIG_INVALID: 500,
  ILLEGAL_TRANSITION: 500,
  STORE_ERROR: 500,
  FOREIGN_HANDLE: 500,
  SESSION_START_FAILED: 500,
  SESSION_STOP_FAILED: 500,
  SESSION_POLL_FAILED: 500,
  SESSION_ACCESS_DENIED: 500,
  SESSION_LOST: 500,
  TASK_STRANDED: 500,
  RECONCILE_INCOMPLETE: 500,
  SESSION_ENDED_WITHOUT_RESULT: 500,
  QUEUE_TIMEOUT: 500,
  DEADLINE_EXCEEDED: 500,
  DEADLINE_WHILE_AWAITING_APPROVAL: 500,
  AGENT_FAILED: 500,
  AGENT_TURN_CAP: 500,
  AGENT_BUDGET_CAP: 500,
  AGENT_LIFETIME_CAP: 500,
  AGENT_LEASE_LOST: 500,
  AGENT_TERMINATED: 500,
  WORKSPACE_ERROR: 500,
  WORKSPACE_DISK_FULL: 500,
  PUSH_REJECTED: 500,
  NOT_DELIVERED: 500,
  DELIVERY_GAVE_UP: 500,
  PORT_IN_USE: 500,
  DATA_FOLDER_LOCKED: 500,
  DATA_FOLDER_CORRUPT: 500,
  UNSUPPORTED_PLATFORM: 500,
  CHILD_PROCESS_FAILED: 500,
};
