import type { RuleSummary, Tier } from '@abca/core';

/** What is asked of Cedar about a tool call: each is an action of the schema. */
export const actionNames = ['invoke_tool', 'write_file', 'execute_bash'] as const;
export type ActionName = (typeof actionNames)[number];

/** A rule with its Cedar text, and what of a question it looks at. */
export interface Rule extends RuleSummary {
  readonly text: string;
  /** Line in its source, from 1. */
  readonly line: number;
  /** Actions that its scope lets it match. */
  readonly actions: readonly ActionName[];
  /** Attributes of the context that its conditions read, as `readsOf` writes them. */
  readonly reads: readonly string[];
}

/** Cedar text of one tier. */
export interface PolicySource {
  readonly name: string;
  readonly tier: Tier;
  readonly text: string;
}

/** The one policy without a tier: it permits what no rule forbids. */
export const basePermitId = 'base_permit';

/** A rule as people are shown it. */
export function summaryOf({
  text: _text,
  line: _line,
  actions: _actions,
  reads: _reads,
  ...summary
}: Rule): RuleSummary {
  return summary;
}
