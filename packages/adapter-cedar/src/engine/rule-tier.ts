import { createHash } from 'node:crypto';
import { AbcaError } from '@abca/core';
import type { CedarCall } from './cedar-calls.ts';
import type { CedarWasm } from './cedar-wasm.ts';
import { policyMap } from './load-rules.ts';
import { basePermitId, type Rule } from './rule.ts';

/** What the rules of one tier say of a tool call. */
export type TierVerdict =
  | { readonly kind: 'none_matched' }
  /** Rules that forbid the call, sorted by id. */
  | { readonly kind: 'matched'; readonly rules: readonly Rule[] }
  | { readonly kind: 'error'; readonly what: string };

/** The rules of one tier, parsed once. */
export class RuleTier {
  readonly #cedar: CedarWasm;
  readonly #rules: ReadonlyMap<string, Rule>;
  readonly #policySetId: string;
  readonly #schemaName: string;

  /** @throws AbcaError POLICY_INVALID when Cedar does not take the rules or the schema. */
  constructor(cedar: CedarWasm, schema: string, rules: readonly Rule[]) {
    this.#cedar = cedar;
    this.#rules = new Map(rules.map((rule) => [rule.ruleId, rule]));
    const staticPolicies = policyMap(rules);
    // Cedar keeps parsed sets by name for as long as the process lives: equal sets share one.
    this.#policySetId = contentId(JSON.stringify(staticPolicies));
    this.#schemaName = contentId(schema);
    assertParsed(cedar.preparseSchema(this.#schemaName, schema), 'the schema');
    assertParsed(cedar.preparsePolicySet(this.#policySetId, { staticPolicies }), 'the policies');
  }

  /** Ask all questions; the rules that any of them matched together are the verdict. An error counts above all. */
  judge(calls: readonly CedarCall[]): TierVerdict {
    const matched = new Set<string>();
    for (const call of calls) {
      const answer = this.#ask(call);
      if (answer.kind === 'error') return answer;
      for (const ruleId of answer.ruleIds) matched.add(ruleId);
    }
    if (matched.size === 0) return { kind: 'none_matched' };
    return { kind: 'matched', rules: [...matched].sort().flatMap((ruleId) => this.#rules.get(ruleId) ?? []) };
  }

  #ask(call: CedarCall): { kind: 'answer'; ruleIds: readonly string[] } | { kind: 'error'; what: string } {
    const answer = this.#cedar.statefulIsAuthorized({
      ...call,
      entities: [],
      preparsedPolicySetId: this.#policySetId,
      preparsedSchemaName: this.#schemaName,
      validateRequest: true,
    });
    if (answer.type === 'failure')
      return { kind: 'error', what: answer.errors[0]?.message ?? 'the request was refused' };
    const { decision, diagnostics } = answer.response;
    // A rule that fails is skipped while the decision says allow: errors come first.
    const [error] = diagnostics.errors;
    if (error !== undefined) return { kind: 'error', what: `rule ${error.policyId}: ${error.error.message}` };
    if (decision === 'allow') return { kind: 'answer', ruleIds: [] };
    const ruleIds = diagnostics.reason.filter((ruleId) => ruleId !== basePermitId && this.#rules.has(ruleId));
    if (ruleIds.length === 0) return { kind: 'error', what: 'the call was denied by no rule' };
    return { kind: 'answer', ruleIds };
  }
}

function contentId(text: string): string {
  return `abca-${createHash('sha256').update(text).digest('hex').slice(0, 32)}`;
}

function assertParsed(answer: ReturnType<CedarWasm['checkParseSchema']>, what: string): void {
  if (answer.type === 'success') return;
  throw new AbcaError(
    'POLICY_INVALID',
    `${what} did not parse: ${answer.errors.map(({ message }) => message).join(' | ')}`,
  );
}
