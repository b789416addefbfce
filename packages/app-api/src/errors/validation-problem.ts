import { preview } from '@abca/core';
import type { z } from '@hono/zod-openapi';
import { ApiProblem } from './api-problem.ts';

/** Where a value stood in the request. */
export type RequestPart = 'body' | 'query' | 'header' | 'path';

/** One fault of a request. */
export interface ValidationIssue {
  readonly in: RequestPart;
  /** `task_description`, `initial_approvals[3]`; empty for the whole part. */
  readonly path: string;
  readonly message: string;
  /** What was sent, cut and redacted. Absent when nothing was sent, or when it may hold a credential. */
  readonly value?: string;
}

const shownIssues = 20;
const shownChars = 80;

/** The 400 for what a schema refused: every fault with its path and value. */
export function schemaProblem(part: RequestPart, error: z.core.$ZodError, sent: unknown): ApiProblem {
  return validationProblem(error.issues.flatMap((issue) => toIssues(part, issue, sent)));
}

/** The 400 for `issues`; its message tells of the first. */
export function validationProblem(issues: readonly ValidationIssue[]): ApiProblem {
  const shown = issues.slice(0, shownIssues);
  const [first] = shown;
  const more = issues.length > 1 ? ` (and ${String(issues.length - 1)} more)` : '';
  return new ApiProblem('VALIDATION_ERROR', `${first ? sentenceOf(first) : 'the request is not valid'}${more}`, {
    issues: shown,
  });
}

function sentenceOf({ in: part, path, message, value }: ValidationIssue): string {
  const where = path === '' ? `the ${part}` : path;
  return `${where}: ${message}${value === undefined ? '' : `, got ${value}`}`;
}

function toIssues(part: RequestPart, issue: z.core.$ZodIssue, sent: unknown): ValidationIssue[] {
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({
      in: part,
      path: pathOf([...issue.path, key]),
      message: part === 'query' ? 'unknown parameter' : 'unknown field',
    }));
  }
  const secret = issue.code === 'custom' && issue.params?.['secret'] === true;
  const value = secret ? undefined : show(valueAt(sent, issue.path));
  return [{ in: part, path: pathOf(issue.path), message: issue.message, ...(value !== undefined && { value }) }];
}

function pathOf(path: readonly PropertyKey[]): string {
  const text = path.reduce<string>((before, key) => {
    if (typeof key === 'number') return `${before}[${String(key)}]`;
    return before === '' ? String(key) : `${before}.${String(key)}`;
  }, '');
  return preview(text);
}

function valueAt(sent: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (value, key) =>
      typeof value === 'object' && value !== null && Object.hasOwn(value, key)
        ? (value as Record<PropertyKey, unknown>)[key]
        : undefined,
    sent,
  );
}

/** Objects are named, not printed: they may be of any size and depth. */
function show(value: unknown): string | undefined {
  if (value === undefined) return undefined;
  if (Array.isArray(value)) return `an array of ${String(value.length)}`;
  if (typeof value === 'object' && value !== null) return 'an object';
  return typeof value === 'string' ? `"${preview(value, shownChars)}"` : String(value);
}
