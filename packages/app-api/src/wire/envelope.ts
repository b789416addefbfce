import { z } from '@hono/zod-openapi';

/** Where a list goes on. `next_token` is there exactly when `has_more` is true. */
export const paginationWire = z
  .object({ next_token: z.string().optional(), has_more: z.boolean() })
  .openapi('Pagination');
export type Pagination = z.infer<typeof paginationWire>;

/** `{data}` around one thing. */
export function dataOf<T extends z.ZodType>(schema: T): z.ZodObject<{ data: T }> {
  return z.object({ data: schema });
}

/** `{data, pagination}` around a page of things. */
export function pageOf<T extends z.ZodType>(
  schema: T,
): z.ZodObject<{ data: z.ZodArray<T>; pagination: typeof paginationWire }> {
  return z.object({ data: z.array(schema), pagination: paginationWire });
}

/** The pagination of a page that ends before `nextToken`. */
export function paginationOf(nextToken: string | undefined): Pagination {
  return nextToken === undefined ? { has_more: false } : { next_token: nextToken, has_more: true };
}
