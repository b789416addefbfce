import { AbcaError } from '../errors/abca-error.ts';
import { formatScope, isWiderThan, parsePreApproval, type ApprovalScope } from '../policy/approval-scope.ts';
import type { RuleSummary } from '../policy/rule.ts';
import type { PolicyEngine, PolicyLoader } from '../ports/policy-engine.ts';
import type { RepoConfig } from '../repo/repo-config.ts';

/**
 * Refuse a submit whose session could not start: policies of the repository that do not load, and scopes that its policies do
 * not know or the repository does not take in advance.
 *
 * @throws AbcaError VALIDATION_ERROR (scopes), SERVICE_UNAVAILABLE (policies)
 */
export async function assertPreApprovals(
  policies: PolicyLoader,
  { initialApprovals = [] }: { readonly initialApprovals?: readonly string[] | undefined },
  repo: RepoConfig,
): Promise<void> {
  const { rules } = await loadPoliciesOf(policies, repo);
  for (const text of initialApprovals) {
    const scope = parsePreApproval(text);
    if (scope.kind === 'rule') assertSoftRule(scope.ruleId, rules, repo);
    assertNarrowEnough(scope, repo);
  }
}

/**
 * The engine for the policies of a repository.
 *
 * @throws AbcaError SERVICE_UNAVAILABLE when they cannot be used: no task of the repository can start until they are mended
 */
export async function loadPoliciesOf(policies: PolicyLoader, { repo, blueprint }: RepoConfig): Promise<PolicyEngine> {
  try {
    return await policies.load(blueprint.security?.cedarPolicies);
  } catch (error) {
    if (!AbcaError.is(error, 'POLICY_INVALID')) throw error;
    throw new AbcaError(
      'SERVICE_UNAVAILABLE',
      `the policies of repository ${repo} cannot be used: ${error.message}; correct them with: bgagent repo policy set ${repo}`,
      { cause: error, ...(error.details && { details: error.details }) },
    );
  }
}

function assertSoftRule(ruleId: string, rules: readonly RuleSummary[], { repo }: RepoConfig): void {
  const rule = rules.find((known) => known.ruleId === ruleId);
  if (rule?.tier === 'soft') return;
  const why = rule === undefined ? 'is not a rule of' : 'is a hard rule, which no approval allows, of';
  throw new AbcaError(
    'VALIDATION_ERROR',
    `the scope "rule:${ruleId}" cannot be given: ${ruleId} ${why} ${repo}; soft rules: ${softIds(rules)}`,
  );
}

function softIds(rules: readonly RuleSummary[]): string {
  return rules.flatMap(({ ruleId, tier }) => (tier === 'soft' ? ruleId : [])).join(', ') || 'none';
}

function assertNarrowEnough(scope: ApprovalScope, { repo, blueprint }: RepoConfig): void {
  const widest = blueprint.security?.maxPreApprovalScope;
  if (widest === undefined || !isWiderThan(scope, widest)) return;
  throw new AbcaError(
    'VALIDATION_ERROR',
    `the scope "${formatScope(scope)}" is wider than ${repo} takes in advance, which is ${widest}; leave it out and be asked`,
  );
}
