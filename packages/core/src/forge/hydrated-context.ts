import * as z from 'zod';

/** What somebody wrote, in the order of time. */
const commentSchema = z.object({
  author: z.string(),
  createdAt: z.string(),
  body: z.string(),
  /** For a comment on a line of a pull request: the file, and the line of its new side where it still has one. */
  path: z.string().optional(),
  line: z.number().int().positive().optional(),
});

/** A check of the head of a pull request. */
const checkSchema = z.object({
  name: z.string(),
  /** How it ended, or where it stands: `success`, `failure`, `in_progress`, … as the forge calls it. */
  state: z.string(),
  /** Of one that did not succeed: what it says of itself. */
  summary: z.string().optional(),
});

/** What a forge knows of the issue or pull request a task names, sanitized and cut to the token budget. */
export const hydratedContextSchema = z.object({
  title: z.string().optional(),
  body: z.string().optional(),
  comments: z.array(commentSchema),
  /** Of the head of the pull request. Absent when there are none, or they may not be seen. */
  checks: z.array(checkSchema).optional(),
  /** Estimated, four characters a token. */
  tokens: z.number().int().nonnegative(),
  /** Whether something was left out to keep the budget. */
  truncated: z.boolean(),
});
export type HydratedContext = z.infer<typeof hydratedContextSchema>;

/** The context of a task that names neither issue nor pull request. */
export const emptyContext: HydratedContext = { comments: [], tokens: 0, truncated: false };
