import type { HydratedContext } from '@abca/core';

type Comment = HydratedContext['comments'][number];
type Check = NonNullable<HydratedContext['checks']>[number];

/** Estimate of CONTRACTS: what a token is in characters. */
const charsPerToken = 4;
/** What a comment costs besides its text: who, when, where. */
const commentChars = 60;
const cutMark = '\n(The rest was left out.)';

/** All of a context, sanitized, comments in the order of time. */
export interface WholeContext {
  readonly title?: string;
  readonly body?: string;
  readonly comments: readonly Comment[];
  readonly checks: readonly Check[];
  /** Whether something older than `comments` was not even read. */
  readonly olderLeftOut: boolean;
}

/**
 * The context within its budget. Title, body and checks come first, then comments from the newest on: the oldest are left out. What
 * alone is over the budget is cut at its end.
 *
 * @param maxTokens at four characters a token
 */
export function cutContext(whole: WholeContext, maxTokens: number): HydratedContext {
  const budget = new Budget(maxTokens * charsPerToken);
  const title = whole.title === undefined ? undefined : budget.take(whole.title);
  const body = whole.body === undefined || whole.body === '' ? undefined : budget.take(whole.body);
  const checks = whole.checks.flatMap((check) => budget.takeWhole(check, checkChars(check)));
  const newestFirst: Comment[] = [];
  for (const comment of whole.comments.toReversed()) {
    const taken = budget.take(comment.body, commentChars + (comment.path?.length ?? 0));
    if (taken === undefined) break;
    newestFirst.push({ ...comment, body: taken });
  }
  return {
    ...(title !== undefined && { title }),
    ...(body !== undefined && { body }),
    comments: newestFirst.toReversed(),
    ...(checks.length > 0 && { checks }),
    tokens: Math.ceil(budget.used / charsPerToken),
    truncated: budget.exceeded || whole.olderLeftOut,
  };
}

function checkChars({ name, state, summary = '' }: Check): number {
  return name.length + state.length + summary.length;
}

/** Characters that are left to be given out. Once one thing did not fit, nothing more is. */
class Budget {
  readonly #max: number;
  used = 0;
  exceeded = false;

  constructor(max: number) {
    this.#max = max;
  }

  /** `text`, or its beginning; `undefined` when not even that is left. */
  take(text: string, more = 0): string | undefined {
    const left = this.#max - this.used - more;
    if (this.exceeded || left <= cutMark.length) {
      this.exceeded = true;
      return undefined;
    }
    const fits = text.length <= left;
    const shown = fits ? text : `${text.slice(0, left - cutMark.length).replace(/[\uD800-\uDBFF]$/, '')}${cutMark}`;
    this.used += shown.length + more;
    this.exceeded = !fits;
    return shown;
  }

  takeWhole<T>(value: T, chars: number): T[] {
    if (this.exceeded || this.used + chars > this.#max) {
      this.exceeded = true;
      return [];
    }
    this.used += chars;
    return [value];
  }
}
