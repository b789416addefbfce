import { failClosed, type PolicyDecision, type PolicyEngine, type PolicyRequest } from '@abca/core';
import { hardRulesText, schemaText } from '../policies/built-in.gen.ts';
import { cedarCalls } from './cedar-calls.ts';
import { loadCedarWasm } from './cedar-wasm.ts';
import { hardDenyReason } from './deny-reason.ts';
import { checkOperatorText, loadRules, type LoadedRules } from './load-rules.ts';
import { basePermitId, type PolicySource, type RuleSummary } from './rule.ts';
import { RuleTier } from './rule-tier.ts';
import { toolEffects } from './tool-effects.ts';

/** Most questions that one tool call may come to. More is no ordinary command. */
const maxCalls = 256;

/** Cedar texts of an operator, next to the built-in rules. */
export interface OperatorPolicies {
  /** Rules with `@tier("hard")`: no approval allows what they forbid. At most 64 KB. */
  readonly hard?: string;
}

/** Settings of {@link loadCedarPolicyEngine}. */
export interface CedarPolicyEngineOptions {
  readonly policies?: OperatorPolicies;
  /** HOME of the agent's shell. Without it, `~` stays `~` in facts. */
  readonly homeDir?: string;
}

/**
 * Load the engine: built-in rules, then the operator's, all validated against the schema. The built-in ones are part of
 * the program, so that no file can be missing.
 *
 * @throws AbcaError POLICY_INVALID when a rule does not parse, does not fit the schema, has no or a wrong tier, no id or
 *   one that is taken, or a bad severity; when a text is over 64 KB; when cedar-wasm is not installed.
 */
export async function loadCedarPolicyEngine(options: CedarPolicyEngineOptions = {}): Promise<CedarPolicyEngine> {
  const cedar = await loadCedarWasm();
  const loaded = loadRules(cedar, schemaText, hardSources(options.policies));
  return new CedarPolicyEngine(new RuleTier(cedar, schemaText, loaded.rules), loaded, options.homeDir);
}

function hardSources(policies: OperatorPolicies | undefined): readonly PolicySource[] {
  const builtIn: PolicySource = { name: 'built-in hard policies', tier: 'hard', text: hardRulesText };
  if (policies?.hard === undefined) return [builtIn];
  const operator: PolicySource = { name: 'operator hard policies', tier: 'hard', text: policies.hard };
  checkOperatorText(operator.name, operator.text);
  return [builtIn, operator];
}

/** {@link PolicyEngine} on Cedar: hard rules over facts of the tool call. Made by {@link loadCedarPolicyEngine}. */
export class CedarPolicyEngine implements PolicyEngine {
  /** All rules, the base permit left out, sorted by id. */
  readonly rules: readonly RuleSummary[];
  /** What validation remarks without refusing it, such as a rule that can never match. */
  readonly warnings: readonly string[];
  readonly #hard: RuleTier;
  readonly #homeDir: string | undefined;

  /** @internal */
  constructor(hard: RuleTier, loaded: LoadedRules, homeDir: string | undefined) {
    this.#hard = hard;
    this.#homeDir = homeDir;
    this.warnings = loaded.warnings;
    this.rules = loaded.rules
      .filter(({ ruleId }) => ruleId !== basePermitId)
      .map(({ text: _text, line: _line, ...summary }) => summary)
      .sort((left, right) => (left.ruleId < right.ruleId ? -1 : 1));
  }

  evaluate(request: PolicyRequest): Promise<PolicyDecision> {
    try {
      return Promise.resolve(this.#decide(request));
    } catch (error) {
      return Promise.resolve(failClosed(error instanceof Error ? error.message : 'the policy engine failed'));
    }
  }

  #decide(request: PolicyRequest): PolicyDecision {
    const effects = toolEffects(request.toolName, request.input);
    if (effects.kind === 'unreadable') return failClosed(effects.what);
    const { calls, shell } = cedarCalls(request, effects, this.#homeDir);
    if (calls.length > maxCalls) return failClosed('the call writes too many files to judge; split it');
    const verdict = this.#hard.judge(calls);
    switch (verdict.kind) {
      case 'none_matched':
        return { outcome: 'allow', matchingRuleIds: [] };
      case 'matched':
        return {
          outcome: 'deny',
          tier: 'hard',
          reason: hardDenyReason(verdict.rules, shell),
          matchingRuleIds: verdict.rules.map(({ ruleId }) => ruleId),
        };
      case 'error':
        return failClosed(verdict.what);
      default:
        return verdict satisfies never;
    }
  }
}
