import type { PolicyDecision, PolicyRequest } from '../policy/policy-types.ts';

/**
 * Judges tool calls. Total: it never throws and never rejects. Any doubt (an error of the engine, an input it cannot
 * read, a request it does not know) is a deny with a reason that starts with `fail-closed:`.
 */
export interface PolicyEngine {
  evaluate(request: PolicyRequest): Promise<PolicyDecision>;
}
