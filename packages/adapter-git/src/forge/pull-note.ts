import type { PullRequestInput } from '@abca/core';
import * as z from 'zod';

const noteSchema = z.object({
  number: z.number().int().positive(),
  task_id: z.string(),
  repo: z.string(),
  branch: z.string(),
  base_branch: z.string(),
  title: z.string(),
  body: z.string(),
});

/** What a pull request's note says. */
export interface PullNote {
  readonly number: number;
  readonly taskId: string;
  readonly repo: string;
  readonly branch: string;
  readonly baseBranch: string;
  readonly title: string;
  readonly body: string;
}

/** The note as it is stored. The same input and number give the same bytes. */
export function formatNote(input: PullRequestInput, number: number): string {
  const note: z.infer<typeof noteSchema> = {
    number,
    task_id: input.taskId,
    repo: input.repo,
    branch: input.branch,
    base_branch: input.baseBranch,
    title: input.title,
    body: input.body,
  };
  return `${JSON.stringify(note, null, 2)}\n`;
}

/** @returns `undefined` for what is not a note: anybody can write a ref */
export function parseNote(text: string): PullNote | undefined {
  const parsed = noteSchema.safeParse(parseJson(text));
  if (!parsed.success) return undefined;
  const { task_id: taskId, base_branch: baseBranch, ...rest } = parsed.data;
  return { ...rest, taskId, baseBranch };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
