import { ApiError } from './api-error.ts';

/** What goes wrong with a call. */
export interface FailurePlan {
  /**
   * Which calls: the id of an operation (`issues/create-comment`, `git-upload-pack`, `git-receive-pack`), or an expression for
   * `METHOD /path`. Left out: any.
   */
  readonly match?: string | RegExp;
  /** How often, `Infinity` for good. @default 1 */
  readonly times?: number;
  /** Matching calls that pass first. @default 0 */
  readonly after?: number;
  /** Answer with this status. */
  readonly status?: number;
  readonly message?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Break the connection instead of answering. */
  readonly reset?: boolean;
  /** Do what was asked first: it was accepted, and its answer is lost. @default false */
  readonly accepted?: boolean;
  /** A limit of GitHub's: `primary` until `x-ratelimit-reset`, `secondary` for `retryAfterS`. */
  readonly limit?: 'primary' | 'secondary';
  /** Seconds. @default 60 */
  readonly retryAfterS?: number;
}

/** What becomes of a call. */
export type Fate = { readonly kind: 'go' } | { readonly kind: 'fails'; readonly accepted: boolean; readonly as: Fall };
/** How a call that fails ends. */
export type Fall = ApiError | 'reset';

interface Planned {
  readonly plan: FailurePlan;
  passes: number;
  left: number;
}

/** The failures that a test has planned, used up in the order they were planned. */
export class Failures {
  #planned: Planned[] = [];

  plan(plan: FailurePlan): void {
    this.#planned.push({ plan, passes: plan.after ?? 0, left: plan.times ?? 1 });
  }

  clear(): void {
    this.#planned = [];
  }

  /** @param nowS seconds since the epoch */
  meet(call: { readonly id: string; readonly line: string }, nowS: number): Fate {
    const planned = this.#planned.find(({ plan, left }) => left > 0 && matches(plan.match, call));
    if (planned === undefined) return { kind: 'go' };
    if (planned.passes > 0) {
      planned.passes -= 1;
      return { kind: 'go' };
    }
    planned.left -= 1;
    return { kind: 'fails', accepted: planned.plan.accepted === true, as: fall(planned.plan, nowS) };
  }
}

function matches(match: FailurePlan['match'], { id, line }: { readonly id: string; readonly line: string }): boolean {
  if (match === undefined) return true;
  return typeof match === 'string' ? match === id : match.test(line);
}

function fall(plan: FailurePlan, nowS: number): Fall {
  if (plan.reset === true) return 'reset';
  const seconds = plan.retryAfterS ?? 60;
  if (plan.limit === 'primary') {
    const headers = { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': String(nowS + seconds) };
    return new ApiError(plan.status ?? 403, 'API rate limit exceeded for installation ID 1.', { headers });
  }
  if (plan.limit === 'secondary') {
    const headers = { 'retry-after': String(seconds) };
    return new ApiError(plan.status ?? 403, 'You have exceeded a secondary rate limit.', { headers });
  }
  return new ApiError(plan.status ?? 500, plan.message ?? 'Server Error', { headers: plan.headers ?? {} });
}
