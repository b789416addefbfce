import type { CedarPolicies, PolicyEngine, PolicyRequest, RepoId, RuleFindings, TaskId } from '@abca/core';
import { CedarPolicyLoader } from './cedar-policy-loader.ts';

/** A tool call of an ordinary task in a checkout at /work/repo. */
export function aRequest(overrides: Partial<PolicyRequest> = {}): PolicyRequest {
  return {
    taskId: '01JD0000000000000000000000' as TaskId,
    taskType: 'new_task',
    repo: 'acme/shop' as RepoId,
    readOnly: false,
    toolName: 'Bash',
    input: { command: 'ls' },
    workspaceDir: '/work/repo',
    protectedBranches: [],
    ...overrides,
  };
}

/** A call of the shell tool. */
export function aCommand(command: string, overrides: Partial<PolicyRequest> = {}): PolicyRequest {
  return aRequest({ input: { command }, ...overrides });
}

/** An engine of its own, with nothing remembered. */
export function loadEngine(policies: CedarPolicies = {}): Promise<PolicyEngine> {
  return new CedarPolicyLoader().load(policies);
}

/** What findings come to without scopes and earlier decisions. */
export interface Outcome {
  readonly decision: 'allow' | 'ask' | 'deny';
  /** Rules that matched, of both tiers, sorted. */
  readonly ids: readonly string[];
  /** Why the call was not judged, where it was not. */
  readonly failed?: string;
}

export function outcomeOf(findings: RuleFindings): Outcome {
  if (findings.kind === 'failed') return { decision: 'deny', ids: [], failed: findings.what };
  const ids = findings.matches.map(({ rule }) => rule.ruleId);
  const isHard = findings.matches.some(({ rule }) => rule.tier === 'hard');
  return { decision: isHard ? 'deny' : ids.length > 0 ? 'ask' : 'allow', ids };
}

/** The ids of the rules of a tier that matched. */
export function idsOf(findings: RuleFindings, tier: 'hard' | 'soft'): readonly string[] {
  if (findings.kind === 'failed') return [`failed: ${findings.what}`];
  return findings.matches.filter(({ rule }) => rule.tier === tier).map(({ rule }) => rule.ruleId);
}
