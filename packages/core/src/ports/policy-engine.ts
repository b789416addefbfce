import type { PolicyRequest, RuleFindings } from '../policy/policy-types.ts';
import type { RuleSummary } from '../policy/rule.ts';
import type { CedarPolicies } from '../policy/security.ts';

/**
 * Judges tool calls by its rules; what follows from that is core's to decide. Total: it never throws and never rejects. Any
 * doubt (an error of the engine, an input it cannot read, a request it does not know) is `failed`.
 */
export interface PolicyEngine {
  /** All rules that apply, disabled ones left out, sorted by id. */
  readonly rules: readonly RuleSummary[];
  /** What loading remarked without refusing it, such as a rule that can never match. */
  readonly warnings: readonly string[];
  judge(request: PolicyRequest): Promise<RuleFindings>;
}

/** Makes engines from the built-in rules and those of a repository. One implementation serves API and agent. */
export interface PolicyLoader {
  /**
   * The engine for a repository's policies; the same texts may give the same engine.
   *
   * @throws AbcaError POLICY_INVALID with every problem, each with rule, line and remedy; `details.problems` lists them
   */
  load(policies?: CedarPolicies): Promise<PolicyEngine>;
}
