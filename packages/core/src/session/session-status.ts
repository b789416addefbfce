import * as z from 'zod';

/** What a substrate shows of a session. It reports; core interprets. */
export type SessionStatus =
  | { readonly kind: 'running' }
  | { readonly kind: 'suspended' }
  | { readonly kind: 'completed' }
  | { readonly kind: 'failed'; readonly error: string }
  /** The substrate has no way to tell. */
  | { readonly kind: 'unobservable' };

export const stopOutcomeSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('stopped'), provenBy: z.string() }),
  z.object({ kind: z.literal('already_gone') }),
  z.object({ kind: z.literal('requested') }),
]);

/**
 * How a stop ended: `stopped` with what proved it, `already_gone`, or `requested` when the substrate accepted it and the
 * end was not seen within the bound.
 */
export type StopOutcome = z.infer<typeof stopOutcomeSchema>;

/** One sentence for people on how a stop was proven. */
export function describeStop(outcome: StopOutcome): string {
  switch (outcome.kind) {
    case 'stopped':
      return `stopped: ${outcome.provenBy}`;
    case 'already_gone':
      return 'the session had already ended';
    case 'requested':
      return 'the stop was accepted; its end has not been seen yet';
    default:
      return outcome satisfies never;
  }
}
