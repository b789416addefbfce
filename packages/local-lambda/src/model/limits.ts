/**
 * Limits of the Lambda API that this server enforces, in bytes, seconds or counts.
 *
 * @see https://docs.aws.amazon.com/lambda/latest/api/API_OperationUpdate.html
 * @see https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
 */
export const LIMITS = {
  /** Payload of a RequestResponse invocation, and of an execution's result. */
  synchronousPayloadBytes: 6 * 1024 * 1024,
  /** Payload of an Event invocation. */
  asynchronousPayloadBytes: 1024 * 1024,
  /** Result of one STEP, CONTEXT or CALLBACK, and input of one CHAINED_INVOKE. */
  operationPayloadBytes: 256 * 1024,
  /** One operation update that carries an error. */
  errorBytes: 32 * 1024,
  /** Longest delay of any timer: 366 days. */
  timerSeconds: 31_622_400,
  /** Most items of a page, and operations handed to an invocation at once. */
  pageItems: 1000,
  /** Items of a page when the caller does not say. */
  defaultPageItems: 100,
  /** Operations handed to an invocation at once are cut off here; the SDK fetches the rest. */
  pageBytes: 5 * 1024 * 1024,
  /** Updates of one checkpoint. The SDK sends at most 250. */
  updatesPerCheckpoint: 1000,
} as const;

/** Size of a string on the wire. */
export function byteLength(text: string | undefined): number {
  return text === undefined ? 0 : Buffer.byteLength(text, 'utf8');
}
