import * as z from 'zod';

/** What a forge knows of the issue or pull request a task names, sanitized and cut to the token budget. */
export const hydratedContextSchema = z.object({
  title: z.string().optional(),
  body: z.string().optional(),
  comments: z.array(z.object({ author: z.string(), createdAt: z.string(), body: z.string() })),
  /** Estimated, four characters a token. */
  tokens: z.number().int().nonnegative(),
  /** Whether something was left out to keep the budget. */
  truncated: z.boolean(),
});
export type HydratedContext = z.infer<typeof hydratedContextSchema>;

/** The context of a task that names neither issue nor pull request. */
export const emptyContext: HydratedContext = { comments: [], tokens: 0, truncated: false };
