import * as z from 'zod';
import type { UserId } from '../ids/ids.ts';

/** What is said to the platform where a blueprint says nothing else. */
export const triggerDefaults = { label: 'abca', mention: '@abca' } as const;

/** Which words on the forge start a task of the repository. A repository without them starts none. */
export const triggersSchema = z.object({
  /** Whose tasks they are: this user pays, approves and is told, whoever asked on the forge. */
  runAs: z.string().min(1).max(256) as unknown as z.ZodType<UserId, string>,
  /** An open issue that is given this label is worked on. Compared without case, as the forge does. Default `abca`. */
  label: z.string().trim().min(1).max(50).optional(),
  /** A comment with a line that begins with this is an order. Compared without case. Default `@abca`. */
  mention: z
    .string()
    .regex(/^@[A-Za-z0-9][A-Za-z0-9-]{0,38}$/, 'must be @ and a name, such as @abca')
    .optional(),
});
export type Triggers = z.infer<typeof triggersSchema>;
