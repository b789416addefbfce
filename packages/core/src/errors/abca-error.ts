/**
 * Every code an ABCA error may carry, with what it means. One list: the HTTP status, the CLI's advice and the tests are
 * derived from it.
 */
export const errorCodes = {
  VALIDATION_ERROR: 'the input does not have the required shape',
  UNAUTHORIZED: 'the caller is not known',
  FORBIDDEN: 'the caller may not do this',
  TASK_NOT_FOUND: 'no task of the caller has this id',
  REQUEST_NOT_FOUND: 'the caller has no request for an approval of this id',
  REQUEST_ALREADY_DECIDED: 'the request for an approval is not open any more',
  TASK_NOT_AWAITING_APPROVAL: 'the task does not wait for this approval any more',
  DUPLICATE_TASK: 'the idempotency key was used for another request',
  TASK_ALREADY_TERMINAL: 'the task has already ended',
  TASK_FINALIZING: 'the task is being finalized and will end by itself',
  REPO_NOT_ONBOARDED: 'the repository has not been added',
  RATE_LIMIT_EXCEEDED: 'too many requests',
  SERVICE_UNAVAILABLE: 'a backing service did not answer; the request may be repeated',
  INTERNAL_ERROR: 'a defect in ABCA',
  CONFIG_INVALID: 'the configuration does not have the required shape',
  ILLEGAL_TRANSITION: 'the state table has no such edge',
  STORE_ERROR: 'the store refused or failed',
  STORE_CORRUPT: 'a stored item does not have the shape it was written with',
  UNKNOWN_COMPUTE_TYPE: 'no strategy is registered for the compute type',
  UNKNOWN_FORGE: 'no adapter is registered for the kind of forge',
  FOREIGN_HANDLE: 'the session handle belongs to another strategy or is malformed',
  SESSION_START_FAILED: 'the substrate did not start the session',
  SESSION_STOP_FAILED: 'the substrate did not stop the session',
  SESSION_POLL_FAILED: 'the substrate did not report on the session',
  SESSION_ACCESS_DENIED: 'the substrate refused the credentials',
  SESSION_LOST: 'the session stopped reporting and was given up',
  SESSION_ENDED_WITHOUT_RESULT: 'the session ended and left no result',
  SESSION_NOT_FOUND: 'no task has a session of this id',
  TASK_STRANDED: 'nobody looked after the task any more',
  RECONCILE_INCOMPLETE: 'some items could not be reconciled in a run',
  RECONCILE_FAILED: 'nothing could be reconciled in a run',
  PREFLIGHT_FAILED: 'a check before the session failed',
  NOT_A_REPOSITORY: 'the address is not a git repository',
  EMPTY_REPOSITORY: 'the repository has no commit',
  BRANCH_NOT_FOUND: 'the base branch does not exist',
  FORGE_ACCESS_DENIED: 'the forge does not let the platform do this',
  BRANCH_PROTECTED: 'the branch may not be written',
  CONTEXT_TOO_LARGE: 'the hydrated context is over its limit',
  SIGNATURE_INVALID: 'a signed request was not signed with the shared secret, or is too old',
  ALREADY_LINKED: 'the account is linked already',
  CHANNEL_NOT_CONFIGURED: 'a channel that somebody wants to be told on is not set up',
  DELIVERY_GAVE_UP: 'a channel did not accept a delivery in all the time there was',
  QUEUE_FULL: 'too many tasks of the user are waiting',
  QUEUE_TIMEOUT: 'no slot became free in time',
  DEADLINE_EXCEEDED: 'the task passed its deadline',
  DEADLINE_WHILE_AWAITING_APPROVAL: 'the task passed its deadline while it waited for a person',
  POLICY_INVALID: 'a policy does not parse, validate or keep the rules for policies',
  AGENT_FAILED: 'the coding agent ended with an error',
  AGENT_TURN_CAP: 'the agent used all its turns',
  AGENT_BUDGET_CAP: 'the agent used all its money',
  AGENT_LIFETIME_CAP: 'the agent used all its time',
  AGENT_LEASE_LOST: 'the session was replaced or cancelled',
  AGENT_TERMINATED: 'the session was asked to end',
  MODEL_UNAVAILABLE: 'the model did not answer',
  WORKSPACE_ERROR: 'git or the file system failed in the workspace',
  WORKSPACE_DISK_FULL: 'no space is left in the workspace',
  PUSH_REJECTED: 'the remote refused the push',
  NOT_DELIVERED: 'the remote does not show the work the agent reported',
  PORT_IN_USE: 'another program listens on the port',
  DATA_FOLDER_LOCKED: 'another platform uses the data folder',
  DATA_FOLDER_CORRUPT: 'the database in the data folder cannot be read',
  UNSUPPORTED_PLATFORM: 'a part has no build for this operating system or processor',
  CHILD_PROCESS_FAILED: 'a process ABCA owns did not start or ended early',
} as const;

/** One of {@link errorCodes}. */
export type ErrorCode = keyof typeof errorCodes;

/** What an error adds to its message. */
export interface AbcaErrorOptions {
  /** Whether repeating the same call may succeed. Default false. */
  readonly retryable?: boolean;
  /** The error this one was made from. It is not part of the JSON form: it may hold anything. */
  readonly cause?: unknown;
  /** Facts for a program to read, plain JSON. */
  readonly details?: Readonly<Record<string, unknown>>;
}

/** An {@link AbcaError} as it crosses a durable checkpoint or the wire. */
export interface AbcaErrorJson {
  readonly name: 'AbcaError';
  readonly code: ErrorCode;
  readonly message: string;
  readonly retryable: boolean;
  readonly details?: Readonly<Record<string, unknown>>;
}

const brand = Symbol.for('abca.error');

/**
 * A broken promise with a code. Expected outcomes are values, never this.
 *
 * Test with {@link AbcaError.is}, not `instanceof`: the brand also holds across bundles and package copies.
 */
export class AbcaError extends Error {
  override readonly name = 'AbcaError';
  readonly code: ErrorCode;
  readonly retryable: boolean;
  readonly details: Readonly<Record<string, unknown>> | undefined;

  constructor(code: ErrorCode, message: string, options: AbcaErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.retryable = options.retryable ?? false;
    this.details = options.details;
    Object.defineProperty(this, brand, { value: true });
  }

  /** Whether `error` is an AbcaError, and of `code` where one is given. */
  static is(error: unknown, code?: ErrorCode): error is AbcaError {
    if (typeof error !== 'object' || error === null || !(brand in error)) return false;
    return code === undefined || (error as unknown as AbcaError).code === code;
  }

  /** `error` itself when it is an AbcaError; else a new one of `code` that has it as its cause. */
  static wrap(error: unknown, code: ErrorCode, what: string): AbcaError {
    if (AbcaError.is(error)) return error;
    return new AbcaError(code, `${what}: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
  }

  toJSON(): AbcaErrorJson {
    return {
      name: 'AbcaError',
      code: this.code,
      message: this.message,
      retryable: this.retryable,
      ...(this.details && { details: this.details }),
    };
  }

  static fromJSON(json: AbcaErrorJson): AbcaError {
    return new AbcaError(json.code, json.message, {
      retryable: json.retryable,
      ...(json.details && { details: json.details }),
    });
  }
}
