import { z, type RouteConfig } from '@hono/zod-openapi';
import { errorWire, type ErrorView } from '../errors/error-wire.ts';
import { httpStatuses, type ApiErrorCode } from '../errors/http-status.ts';

type Responses = RouteConfig['responses'];

/** Most items of a page of tasks or repositories. */
const maxPage = 100;

/** A query parameter that is a whole number, with its bounds in the document. */
export function countParam(options: {
  readonly min: number;
  readonly max: number;
  readonly initial: number;
}): z.ZodType<number, string | undefined> {
  const { min, max, initial } = options;
  return z
    .string()
    .regex(/^\d{1,15}$/, 'must be a whole number')
    .transform(Number)
    .pipe(z.number().int().min(min).max(max))
    .default(initial)
    .openapi({ type: 'integer', minimum: min, maximum: max, default: initial, example: initial });
}

/** How lists are paged. */
export const pageQuery = {
  limit: countParam({ min: 1, max: maxPage, initial: 20 }),
  next_token: z.string().min(1).max(4096).optional().openapi({ description: 'From the page before.' }),
};

/** A JSON answer with its schema and an example. */
export function jsonAnswer<T extends z.ZodType>(
  schema: T,
  description: string,
  example: unknown,
): { description: string; content: { 'application/json': { schema: T; example: unknown } } } {
  return { description, content: { 'application/json': { schema, example } } };
}

/** A body that has to be there, as JSON, with its schema and an example. */
export function jsonBodyOf<T extends z.ZodType>(
  schema: T,
  example: unknown,
): { required: true; content: { 'application/json': { schema: T; example: unknown } } } {
  return { required: true, content: { 'application/json': { schema, example } } };
}

/** The error answers of a route, by status, each with an example; those that any route may give included. */
export function errorAnswers(...codes: readonly ApiErrorCode[]): Responses {
  const all: ApiErrorCode[] = [
    'VALIDATION_ERROR',
    'UNAUTHORIZED',
    'FORBIDDEN',
    ...codes,
    'INTERNAL_ERROR',
    'SERVICE_UNAVAILABLE',
  ];
  const byStatus = Map.groupBy(all, (code) => httpStatuses[code]);
  return Object.fromEntries(
    [...byStatus].map(([status, sameStatus]) => [
      status,
      jsonAnswer(errorWire, sameStatus.join(', '), exampleError(sameStatus[0] ?? 'INTERNAL_ERROR')),
    ]),
  );
}

function exampleError(code: ApiErrorCode): ErrorView {
  return { error: { code, message: 'what failed, the value, the remedy', request_id: '01KAYJ5E9Q0000000000000000' } };
}

/** Every route but health and the document needs a token. */
export const secured = [{ bearer: [] }];
