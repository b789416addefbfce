import type { JudgedCall, MatchSubject, PolicyRequest, RuleFindings, RuleMatch } from '../policy/policy-types.ts';
import type { RuleSummary } from '../policy/rule.ts';
import type { CedarPolicies } from '../policy/security.ts';
import type { PolicyEngine, PolicyLoader } from '../ports/policy-engine.ts';

/** A rule. Name only what matters to the test; hard unless it says otherwise. */
export function aRule(fields: Partial<RuleSummary> = {}): RuleSummary {
  return { ruleId: 'rule_1', tier: 'hard', severity: 'medium', source: 'test policies', ...fields };
}

/** A soft rule that matched, on the command unless it says otherwise. */
export function aSoftMatch(
  fields: Partial<RuleSummary> = {},
  subjects: readonly MatchSubject[] = [{ kind: 'command' }],
): RuleMatch {
  return { rule: aRule({ tier: 'soft', ...fields }), subjects };
}

/** What an engine finds. Nothing, unless told; the call is a shell command of one part, resolved. */
export function someFindings(
  matches: readonly RuleMatch[] = [],
  call: Partial<JudgedCall> = {},
): Extract<RuleFindings, { kind: 'judged' }> {
  return {
    kind: 'judged',
    matches,
    call: { input: { command: 'npm test' }, resolved: true, commands: ['npm test'], facts: {}, ...call },
  };
}

/** Answers as it is told, for any call, and remembers what it was asked. Knows no rule unless it is given some. */
export class FakePolicyEngine implements PolicyEngine {
  readonly warnings: readonly string[] = [];
  readonly asked: PolicyRequest[] = [];
  rules: readonly RuleSummary[] = [];
  answer: (request: PolicyRequest) => RuleFindings | Promise<RuleFindings> = () => someFindings();

  async judge(request: PolicyRequest): Promise<RuleFindings> {
    this.asked.push(request);
    return this.answer(request);
  }
}

/** Gives the same engine for any policies and remembers them. Rejects with `failure` once that is set. */
export class FakePolicyLoader implements PolicyLoader {
  readonly engine = new FakePolicyEngine();
  readonly loads: (CedarPolicies | undefined)[] = [];
  failure: Error | undefined;

  async load(policies?: CedarPolicies): Promise<PolicyEngine> {
    this.loads.push(policies);
    if (this.failure !== undefined) throw this.failure;
    return this.engine;
  }
}
