import type { z } from 'zod';

/** What is wrong, by field. `whole` names the thing itself. */
export function problemsOf(error: z.ZodError, whole: string): string {
  return error.issues.map((issue) => `${issue.path.join('.') || whole}: ${issue.message}`).join('; ');
}
