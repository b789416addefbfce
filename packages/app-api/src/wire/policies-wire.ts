import { limits, preApprovalBreadths, redactDeep, severities, tiers, toWire } from '@abca/core';
import type { PolicyEngine, RepoConfig } from '@abca/core';
import { z } from '@hono/zod-openapi';

/** One rule that applies to the tool calls of a repository's tasks. */
export const ruleWire = z
  .object({
    rule_id: z.string(),
    tier: z.enum(tiers),
    severity: z.enum(severities),
    /** Soft rules only: how long an approval is waited for at the most, in seconds. Absent: as long as the task says. */
    approval_timeout_s: z.number().int().optional(),
    category: z.string().optional(),
    /** What the rule is about and what to do instead. */
    summary: z.string().optional(),
    /** Where it comes from. */
    source: z.string(),
  })
  .openapi('Rule');
export type RuleView = z.infer<typeof ruleWire>;

/** The policies of a repository as they apply: built-in rules and its own, by id. */
export const policiesWire = z
  .object({
    repo: z.string(),
    rules: z.array(ruleWire),
    /** Ids of soft rules that the repository switched off. */
    disabled: z.array(z.string()),
    /** What was remarked without being refused, such as a rule that can never match. */
    warnings: z.array(z.string()),
    /** Most approvals one task may ask for. */
    approval_gate_cap: z.number().int(),
    /** The widest scope that a task may be given in advance. */
    max_pre_approval_scope: z.enum(preApprovalBreadths),
  })
  .openapi('Policies');
export type PoliciesView = z.infer<typeof policiesWire>;

/** The view of a repository's policies, loaded. Limits that it does not set are the platform's. */
export function toPoliciesView({ repo, blueprint }: RepoConfig, { rules, warnings }: PolicyEngine): PoliciesView {
  const { cedarPolicies, approvalGateCap, maxPreApprovalScope } = blueprint.security ?? {};
  return redactDeep(
    toWire({
      repo,
      rules: rules.map(({ ruleId, tier, severity, approvalTimeoutS, category, summary, source }) => {
        return { ruleId, tier, severity, approvalTimeoutS, category, summary, source };
      }),
      disabled: cedarPolicies?.disable ?? [],
      warnings,
      approvalGateCap: approvalGateCap ?? limits.approvalGateCap.default,
      maxPreApprovalScope: maxPreApprovalScope ?? 'all_session',
    }),
  ) as PoliciesView;
}
