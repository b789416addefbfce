/** What came of one check. */
export interface CheckResult {
  readonly name: string;
  readonly status: 'ok' | 'warn' | 'fail';
  /** What was found. Never a secret. */
  readonly detail: string;
  /** What to do about it. */
  readonly remedy?: string;
}

/** A check that found what is needed. */
export function ok(name: string, detail: string): CheckResult {
  return { name, status: 'ok', detail };
}

/** A check that found something to look at. */
export function warn(name: string, detail: string, remedy: string): CheckResult {
  return { name, status: 'warn', detail, remedy };
}

/** A check that found that ABCA cannot work. */
export function fail(name: string, detail: string, remedy: string): CheckResult {
  return { name, status: 'fail', detail, remedy };
}
