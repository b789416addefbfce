import { AbcaError } from '../errors/abca-error.ts';

/** A point in time as ISO 8601 UTC with milliseconds, `2026-11-23T19:53:51.000Z`. Sorts by time as text. */
export type IsoTime = string & { readonly __brand: 'IsoTime' };

const pattern = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{1,3})?Z$/;

/** @param ms milliseconds since the epoch */
export function formatIso(ms: number): IsoTime {
  return new Date(ms).toISOString() as IsoTime;
}

/**
 * Milliseconds since the epoch. Times with and without milliseconds are read alike: a parser that took only one form
 * once switched a lifetime limit off without a word.
 *
 * @throws AbcaError VALIDATION_ERROR when `text` is not a UTC time
 */
export function parseIso(text: string): number {
  const ms = pattern.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(ms)) {
    throw new AbcaError('VALIDATION_ERROR', `not a UTC time: "${text}"; write it as 2026-01-31T12:00:00.000Z`);
  }
  return ms;
}

/** `time` moved by `ms` milliseconds. */
export function addMs(time: IsoTime, ms: number): IsoTime {
  return formatIso(parseIso(time) + ms);
}
