/** An error as the service answers it: `__type`, `message` and whatever else the shape of the error has. */
export class EcsFault extends Error {
  readonly type: string;
  readonly status: number;
  readonly more: Readonly<Record<string, unknown>>;

  constructor(
    type: string,
    message: string,
    more: { readonly status?: number; readonly [field: string]: unknown } = {},
  ) {
    super(message);
    const { status = 400, ...fields } = more;
    this.type = type;
    this.status = status;
    this.more = fields;
  }
}

/** The caller's mistake in the form of a request. */
export const invalidParameter = (message: string): EcsFault => new EcsFault('InvalidParameterException', message);

/** The request is well-formed, what it names is not there or not usable. */
export const clientError = (message: string): EcsFault => new EcsFault('ClientException', message);

export const throttled = (): EcsFault => new EcsFault('ThrottlingException', 'Rate exceeded');

export const serverError = (): EcsFault =>
  new EcsFault('ServerException', 'Service Unavailable. Please try again later.', { status: 500 });

export const accessDenied = (operation: string): EcsFault =>
  new EcsFault(
    'AccessDeniedException',
    `User: arn:aws:iam::123456789012:user/test is not authorized to perform: ecs:${operation} because no identity-based policy allows the ecs:${operation} action`,
  );
