/** An answer of GitHub that is not a success. */
export class ApiError extends Error {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly errors: readonly unknown[] | undefined;

  constructor(
    status: number,
    message: string,
    more: { readonly headers?: Readonly<Record<string, string>>; readonly errors?: readonly unknown[] } = {},
  ) {
    super(message);
    this.status = status;
    this.headers = more.headers ?? {};
    this.errors = more.errors;
  }
}

export const notFound = (): ApiError => new ApiError(404, 'Not Found');

/** @param error what GitHub says in `errors[0]` */
export function validationFailed(error: Readonly<Record<string, string>>): ApiError {
  return new ApiError(422, 'Validation Failed', { errors: [error] });
}
