import type { PendingView } from '../client/wire-types.ts';

/** What a person is being asked for. */
export type Step =
  | { readonly kind: 'choose' }
  | { readonly kind: 'reason' }
  | { readonly kind: 'scope' }
  /** So wide a scope is asked about twice. */
  | { readonly kind: 'confirm'; readonly scope: string };

/** What is sent to the platform. */
export type AnswerToSend =
  { readonly kind: 'approve'; readonly scope: string } | { readonly kind: 'deny'; readonly reason?: string };

/** What follows from one line that was typed. */
export type Next =
  | { readonly kind: 'ask'; readonly step: Step; readonly note?: string }
  | { readonly kind: 'send'; readonly answer: AnswerToSend }
  | { readonly kind: 'later' };

/** Everything for the rest of the session. */
export const widestScope = 'all_session';

const choose = { kind: 'ask', step: { kind: 'choose' } } as const;

/** The way from a question and what was typed to what happens. Pure; nothing but a clear yes permits anything. */
export function nextStep(step: Step, line: string, pending: Pick<PendingView, 'suggested_scopes'>): Next {
  const text = line.trim();
  switch (step.kind) {
    case 'choose':
      return afterChoice(text.toLowerCase());
    case 'reason':
      return { kind: 'send', answer: { kind: 'deny', ...(text !== '' && { reason: text }) } };
    case 'scope':
      return afterScope(text, pending.suggested_scopes);
    case 'confirm':
      if (text.toLowerCase() === 'yes') return { kind: 'send', answer: { kind: 'approve', scope: step.scope } };
      return { ...choose, note: 'nothing was permitted' };
    default:
      return step satisfies never;
  }
}

/** What stands before the cursor. `left` is the time that is left, in words. */
export function questionText(step: Step, left: string): string {
  switch (step.kind) {
    case 'choose':
      return `Allow it? y this call · n no · s scope · l later (${left}) `;
    case 'reason':
      return `Why not? The agent is told; Enter for no reason (${left}) `;
    case 'scope':
      return `Which scope? Its number, or type one; Enter goes back (${left}) `;
    case 'confirm':
      return `Permit everything for the rest of the session? Type yes (${left}) `;
    default:
      return step satisfies never;
  }
}

function afterChoice(word: string): Next {
  switch (word) {
    case 'y':
    case 'yes':
      return { kind: 'send', answer: { kind: 'approve', scope: 'this_call' } };
    case 'n':
    case 'no':
      return { kind: 'ask', step: { kind: 'reason' } };
    case 's':
    case 'scope':
      return { kind: 'ask', step: { kind: 'scope' } };
    case '':
    case 'l':
    case 'later':
      return { kind: 'later' };
    default:
      return { ...choose, note: 'answer y, n, s or l' };
  }
}

function afterScope(text: string, suggested: readonly string[]): Next {
  if (text === '') return choose;
  const scope = /^\d+$/.test(text) ? suggested[Number(text) - 1] : text;
  if (scope === undefined) {
    return {
      kind: 'ask',
      step: { kind: 'scope' },
      note: `there is no scope ${text}; 1 to ${String(suggested.length)}`,
    };
  }
  if (scope === widestScope) return { kind: 'ask', step: { kind: 'confirm', scope } };
  return { kind: 'send', answer: { kind: 'approve', scope } };
}
