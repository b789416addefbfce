// #region settings
import { AbcaError } from '@abca/core';
import { z } from 'zod';

const settingsSchema = z.strictObject({
  /** Half a processor and 1 GB, or four and 8 GB. */
  size: z.enum(['small', 'large']).default('small'),
});

/** What a blueprint may say beside `type: "tinyrun"`. */
export type TinyRunSettings = z.infer<typeof settingsSchema>;

/** @throws AbcaError SESSION_START_FAILED, not retryable, naming every problem */
export function parseSettings(compute: Readonly<Record<string, unknown>>): TinyRunSettings {
  const { success, data, error } = settingsSchema.safeParse(compute);
  if (success) return data;
  const problems = z.prettifyError(error);
  throw new AbcaError(
    'SESSION_START_FAILED',
    `compute settings of the blueprint are not ones of tinyrun:\n${problems}`,
  );
}
// #endregion
