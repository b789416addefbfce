import type { RequestId } from '../ids/ids.ts';
import { findPermission, formatScope, type ApprovalScope } from '../policy/approval-scope.ts';
import type { RuleFindings, RuleMatch } from '../policy/policy-types.ts';
import { graver, type RuleSummary, type Severity } from '../policy/rule.ts';
import { describeRecent, findDenialOfRules, findOnCall, type RecentDecisions } from './recent-decisions.ts';

/** What a gate knows from before the call. */
export interface GateView {
  readonly scopes: readonly ApprovalScope[];
  readonly recent: RecentDecisions;
  /** Approvals that were given and never used: each lets one call through. */
  readonly grants: readonly Grant[];
}

/** An approval for one call with these very arguments. */
export interface Grant {
  readonly toolName: string;
  readonly inputSha256: string;
  readonly requestId: RequestId;
}

/** A call by what makes it the same call again. */
export interface CallIdentity {
  readonly toolName: string;
  readonly inputSha256: string;
}

/** What the gate says of a call before anybody is asked. Rule ids are sorted. */
export type GateDecision =
  | { readonly outcome: 'allow'; readonly decidedBy: 'no_rule'; readonly matchingRuleIds: readonly string[] }
  | {
      readonly outcome: 'allow';
      readonly decidedBy: 'scope';
      readonly scope: string;
      readonly matchingRuleIds: readonly string[];
    }
  | {
      readonly outcome: 'allow';
      readonly decidedBy: 'grant';
      readonly grant: Grant;
      readonly matchingRuleIds: readonly string[];
    }
  | {
      readonly outcome: 'deny';
      readonly decidedBy: 'hard_rule' | 'soft_rule' | 'recent_decision' | 'fail_closed';
      readonly reason: string;
      readonly matchingRuleIds: readonly string[];
    }
  | {
      readonly outcome: 'ask';
      readonly decidedBy: 'soft_rule';
      readonly reason: string;
      /** The gravest of the rules that ask. */
      readonly severity: Severity;
      /** Of the rules that ask, those that say one, in seconds. */
      readonly ruleTimeoutsS: readonly number[];
      /** The rules that no scope permits. */
      readonly asking: readonly RuleMatch[];
      readonly matchingRuleIds: readonly string[];
    };

/** The decision for any doubt: deny, and say what was in doubt. */
export function failClosed(what: string): GateDecision & { outcome: 'deny' } {
  return { outcome: 'deny', decidedBy: 'fail_closed', reason: `fail-closed: ${what}`, matchingRuleIds: [] };
}

/**
 * The pipeline, pure; the first that decides wins: a hard rule denies, whatever was ever permitted; scopes that permit
 * every soft rule that matched allow; what was refused within a minute is refused again; an approval that was not used yet
 * allows its one call; a soft rule that was denied within a minute denies; any other soft rule asks; else the call is allowed.
 *
 * A scope for one of several rules that matched permits that rule and not the call: the others are still asked about.
 *
 * @param nowMs milliseconds since the epoch
 */
export function decideCall(call: CallIdentity, findings: RuleFindings, view: GateView, nowMs: number): GateDecision {
  if (findings.kind === 'failed') return failClosed(findings.what);
  const hard = findings.matches.filter(({ rule }) => rule.tier === 'hard');
  if (hard.length > 0) return hardDeny(hard, findings.hint);
  const soft = findings.matches;
  const matchingRuleIds = idsOf(soft);
  const permissions = soft.map((match) =>
    findPermission(view.scopes, { toolName: call.toolName, call: findings.call }, match),
  );
  const [permission] = permissions;
  if (permission !== undefined && !permissions.includes(undefined)) {
    return { outcome: 'allow', decidedBy: 'scope', scope: formatScope(permission), matchingRuleIds };
  }
  const same = findOnCall(view.recent, call, nowMs);
  if (same !== undefined) return recentDeny(describeRecent(same, nowMs), matchingRuleIds);
  const asking = soft.filter((_match, index) => permissions[index] === undefined);
  if (asking.length === 0) return { outcome: 'allow', decidedBy: 'no_rule', matchingRuleIds };
  const grant = view.grants.find((given) => given.toolName === call.toolName && given.inputSha256 === call.inputSha256);
  if (grant !== undefined) return { outcome: 'allow', decidedBy: 'grant', grant, matchingRuleIds };
  const denied = findDenialOfRules(view.recent, idsOf(asking), nowMs);
  if (denied !== undefined) return recentDeny(describeRecent(denied, nowMs), matchingRuleIds);
  return ask(asking, findings.hint);
}

function hardDeny(matches: readonly RuleMatch[], hint: string | undefined): GateDecision {
  const ids = idsOf(matches);
  const reason = sentences([`Hard-deny: ${ids.join(', ')}.`, ...matches.map(({ rule }) => rule.summary), hint]);
  return { outcome: 'deny', decidedBy: 'hard_rule', reason, matchingRuleIds: ids };
}

function recentDeny(reason: string, matchingRuleIds: readonly string[]): GateDecision {
  return { outcome: 'deny', decidedBy: 'recent_decision', reason, matchingRuleIds };
}

function ask(asking: readonly RuleMatch[], hint: string | undefined): GateDecision {
  const rules = asking.map(({ rule }) => rule);
  return {
    outcome: 'ask',
    decidedBy: 'soft_rule',
    reason: sentences([...rules.map(describeRule), hint]),
    severity: rules.map(({ severity }) => severity).reduce(graver, 'low'),
    ruleTimeoutsS: rules.flatMap(({ approvalTimeoutS }) => approvalTimeoutS ?? []),
    asking,
    matchingRuleIds: idsOf(asking),
  };
}

function describeRule({ ruleId, summary }: RuleSummary): string {
  return summary === undefined ? `${ruleId}.` : `${ruleId}: ${summary}`;
}

function sentences(parts: readonly (string | undefined)[]): string {
  return parts.filter((part) => part !== undefined).join(' ');
}

function idsOf(matches: readonly RuleMatch[]): readonly string[] {
  return matches.map(({ rule }) => rule.ruleId).sort();
}
