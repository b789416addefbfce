import { toSnakeCase } from '@abca/core';
import type { z } from '@hono/zod-openapi';

type SnakeLetter<L extends string> = L extends Lowercase<L> ? L : `_${Lowercase<L>}`;

/** `awaitingApprovalRequestId` → `awaiting_approval_request_id`, as a type. */
export type SnakeCase<S extends string> = S extends `${infer First}${infer Rest}`
  ? `${SnakeLetter<First>}${SnakeCase<Rest>}`
  : '';

/** A shape with its field names in snake_case. */
export type SnakeShape<S extends z.ZodRawShape> = { [K in keyof S & string as SnakeCase<K>]: S[K] };

/**
 * The fields of a domain schema as they are named on the wire, so that limits and types are written once, in core. One level
 * deep: nested objects are named by their own schema.
 */
export function snakeShape<S extends z.ZodRawShape>(shape: S): SnakeShape<S> {
  const entries = Object.entries(shape).map(([name, schema]) => [toSnakeCase(name), schema]);
  return Object.fromEntries(entries) as SnakeShape<S>;
}
