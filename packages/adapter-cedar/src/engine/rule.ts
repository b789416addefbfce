/** How a rule may be answered: `hard` is final. */
export type Tier = 'hard';

export const severities = ['low', 'medium', 'high'] as const;
export type Severity = (typeof severities)[number];

/** One rule as people are shown it. */
export interface RuleSummary {
  readonly ruleId: string;
  readonly tier: Tier;
  readonly severity: Severity;
  readonly category: string | undefined;
  readonly summary: string | undefined;
  /** Where it comes from, such as `built-in hard policies`. */
  readonly source: string;
}

/** A rule with its Cedar text. */
export interface Rule extends RuleSummary {
  readonly text: string;
  /** Line in its source, from 1. */
  readonly line: number;
}

/** Cedar text of one tier. */
export interface PolicySource {
  readonly name: string;
  readonly tier: Tier;
  readonly text: string;
}

/** The one policy without a tier: it permits what no rule forbids. */
export const basePermitId = 'base_permit';
