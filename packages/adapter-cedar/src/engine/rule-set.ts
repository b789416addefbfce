import { createHash } from 'node:crypto';
import { AbcaError } from '@abca/core';
import type { CedarWasm } from './cedar-wasm.ts';
import { project, projectionOf, type Projection } from './projection.ts';
import type { Question } from './questions.ts';
import { basePermitId, type ActionName, type Rule } from './rule.ts';
import { groupRules, type RuleGroup } from './rule-groups.ts';
import { VerdictMemory } from './verdict-memory.ts';

/** Questions of all groups together whose verdicts are kept. About 2 MB at the very most. */
const keptVerdicts = 2_000;

/** What the rules say of one question. */
export type Verdict =
  { readonly kind: 'answer'; readonly ruleIds: readonly string[] } | { readonly kind: 'error'; readonly what: string };

interface AskedGroup {
  readonly action: ActionName;
  readonly policySetId: string;
  /** Cedar texts by rule id, L12: ids by position come in lexicographic order and are wrong past ten policies. */
  readonly staticPolicies: Readonly<Record<string, string>>;
  readonly projection: Projection;
}

/** The rules of both tiers, each group parsed when it is first asked: who only lists or checks rules does not wait for it. */
export class RuleSet {
  readonly #cedar: CedarWasm;
  readonly #groups: readonly AskedGroup[];
  readonly #parsed = new Set<string>();
  readonly #memory = new VerdictMemory(keptVerdicts);

  /**
   * @param basePermit Cedar text of the one permit
   * @param rules that were found good: one that Cedar does not take fails every question that it may match
   */
  constructor(cedar: CedarWasm, basePermit: string, rules: readonly Rule[]) {
    this.#cedar = cedar;
    this.#groups = groupRules(rules).map((group) => askedGroup(basePermit, group));
  }

  /** The rules that forbid what is asked. An error counts above all: a rule that fails is skipped by Cedar. */
  ask(question: Question): Verdict {
    const ruleIds = new Set<string>();
    for (const group of this.#groups) {
      if (group.action !== question.action) continue;
      const verdict = this.#askGroup(group, question);
      if (verdict.kind === 'error') return verdict;
      for (const ruleId of verdict.ruleIds) ruleIds.add(ruleId);
    }
    return { kind: 'answer', ruleIds: [...ruleIds] };
  }

  #askGroup(group: AskedGroup, question: Question): Verdict {
    const { principal, resource } = question;
    const context = project(question.context, group.projection);
    const key = JSON.stringify([group.action, group.policySetId, principal, resource.id, context]);
    const known = this.#memory.find(key);
    if (known !== undefined) return { kind: 'answer', ruleIds: known };
    const verdict = this.#askCedar(group, question, context);
    if (verdict.kind === 'answer') this.#memory.keep(key, verdict.ruleIds);
    return verdict;
  }

  #askCedar(group: AskedGroup, question: Question, context: unknown): Verdict {
    this.#parse(group);
    const answer = this.#cedar.statefulIsAuthorized({
      principal: { type: 'Agent::TaskAgent', id: question.principal },
      action: { type: 'Agent::Action', id: question.action },
      resource: question.resource,
      context: context as Record<string, string>,
      entities: [],
      preparsedPolicySetId: group.policySetId,
      // Questions are of our own making, of facts of known types: see `problemOf` for the rest.
      validateRequest: false,
    });
    if (answer.type === 'failure')
      return { kind: 'error', what: answer.errors[0]?.message ?? 'the request was refused' };
    const { decision, diagnostics } = answer.response;
    const [error] = diagnostics.errors;
    if (error !== undefined) return { kind: 'error', what: `rule ${error.policyId}: ${error.error.message}` };
    if (decision === 'allow') return { kind: 'answer', ruleIds: [] };
    const matched = diagnostics.reason.filter((ruleId) => ruleId !== basePermitId);
    return matched.length === 0
      ? { kind: 'error', what: 'the call was denied by no rule' }
      : { kind: 'answer', ruleIds: matched };
  }

  #parse({ policySetId, staticPolicies }: AskedGroup): void {
    if (this.#parsed.has(policySetId)) return;
    // Cedar keeps parsed sets by name for as long as the process lives: equal sets share one.
    const answer = this.#cedar.preparsePolicySet(policySetId, { staticPolicies });
    if (answer.type === 'failure') {
      throw new AbcaError(
        'POLICY_INVALID',
        `the policies did not parse: ${answer.errors.map(({ message }) => message).join(' | ')}`,
      );
    }
    this.#parsed.add(policySetId);
  }
}

function askedGroup(basePermit: string, { action, rules, reads }: RuleGroup): AskedGroup {
  const staticPolicies = {
    [basePermitId]: basePermit,
    ...Object.fromEntries(rules.map(({ ruleId, text }) => [ruleId, text])),
  };
  return {
    action,
    policySetId: contentId(JSON.stringify(staticPolicies)),
    staticPolicies,
    projection: projectionOf(reads),
  };
}

function contentId(text: string): string {
  return `abca-${createHash('sha256').update(text).digest('hex').slice(0, 32)}`;
}
