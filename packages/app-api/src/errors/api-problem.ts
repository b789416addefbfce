import type { ApiErrorCode } from './http-status.ts';

/** A request that is refused by HTTP's own rules, before any use case. Thrown inside the API and answered by its one error handler. */
export class ApiProblem extends Error {
  override readonly name = 'ApiProblem';
  readonly code: ApiErrorCode;
  readonly details: Readonly<Record<string, unknown>> | undefined;

  constructor(code: ApiErrorCode, message: string, details?: Readonly<Record<string, unknown>>) {
    super(message);
    this.code = code;
    this.details = details;
  }
}
