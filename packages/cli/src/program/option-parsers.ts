import { taskStatuses, type ForgeType, type ScopeBreadth, type Severity, type TaskType, type Tier } from '@abca/core';
import { InvalidArgumentError } from 'commander';

/** A whole number from `min` up. The upper limits are the platform's and answered by it. */
export function wholeNumber(min: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (/^\d+$/.test(text) && value >= min && Number.isSafeInteger(value)) return value;
    throw new InvalidArgumentError(`It must be a whole number of ${String(min)} or more.`);
  };
}

/** An amount of money, such as 2.50. */
export function dollars(text: string): number {
  const value = Number(text);
  if (/^\d+(\.\d+)?$/.test(text) && value > 0) return value;
  throw new InvalidArgumentError('It must be an amount such as 2.50.');
}

/** Statuses, with commas between or the option repeated. */
export function statusList(text: string, before: readonly string[] = []): readonly string[] {
  const wanted = text.split(',').map((status) => status.trim().toUpperCase());
  const wrong = wanted.filter((status) => !(taskStatuses as readonly string[]).includes(status));
  if (wrong.length === 0) return [...before, ...wanted];
  throw new InvalidArgumentError(`It must be of ${taskStatuses.join(', ')}.`);
}

/** Branch names, with commas between or the option repeated. */
export function nameList(text: string, before: readonly string[] = []): readonly string[] {
  const names = text.split(',').map((name) => name.trim());
  if (names.every((name) => name !== '')) return [...before, ...names];
  throw new InvalidArgumentError('It must be names with commas between.');
}

/** Ids of rules, with commas between or the option repeated; an empty text names none. */
export function idList(text: string, before: readonly string[] = []): readonly string[] {
  return text.trim() === '' ? before : nameList(text, before);
}

/** An option that may be repeated. */
export function repeated(text: string, before: readonly string[] = []): readonly string[] {
  return [...before, text];
}

/** The compiler holds these against core's list, whose module is too heavy to load for a `--help`. */
const types: Readonly<Record<TaskType, true>> = { new_task: true, pr_iteration: true, pr_review: true };

/** Choices of `--type`. */
export const taskTypeChoices = Object.keys(types);

const breadths: Readonly<Record<Exclude<ScopeBreadth, 'this_call'>, true>> = {
  write_path: true,
  bash_pattern: true,
  rule: true,
  tool_type: true,
  tool_group: true,
  all_session: true,
};

/** Choices of `--max-pre-approval-scope`, the narrowest first. */
export const breadthChoices = Object.keys(breadths);

const tiers: Readonly<Record<Tier, true>> = { hard: true, soft: true };

/** Choices of `--tier`. */
export const tierChoices = Object.keys(tiers);

const severities: Readonly<Record<Severity, true>> = { low: true, medium: true, high: true };

/** Choices of `--min-severity`, the least first. */
export const severityChoices = Object.keys(severities);

const forges: Readonly<Record<ForgeType, true>> = { git: true, github: true };

/** Choices of `--forge`. */
export const forgeChoices = Object.keys(forges);
