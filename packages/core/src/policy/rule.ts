/** How a rule may be answered: `hard` is final, `soft` may be allowed by a person. */
export const tiers = ['hard', 'soft'] as const;
export type Tier = (typeof tiers)[number];

/** How much is at stake, the least first. */
export const severities = ['low', 'medium', 'high'] as const;
export type Severity = (typeof severities)[number];

/** One rule as people are shown it. */
export interface RuleSummary {
  /** Unique over both tiers. */
  readonly ruleId: string;
  readonly tier: Tier;
  readonly severity: Severity;
  /** Soft rules only: how long an approval is waited for at the most, in seconds. Absent: as long as the task says. */
  readonly approvalTimeoutS?: number;
  readonly category?: string;
  /** What the rule is about and what to do instead. */
  readonly summary?: string;
  /** Where it comes from, such as `built-in hard policies`. */
  readonly source: string;
}

/** The graver of two severities. */
export function graver(a: Severity, b: Severity): Severity {
  return severities.indexOf(a) >= severities.indexOf(b) ? a : b;
}
