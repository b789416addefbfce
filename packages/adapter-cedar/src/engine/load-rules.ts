import { AbcaError } from '@abca/core';
import type { CedarWasm } from './cedar-wasm.ts';
import { parseRules } from './parse-rules.ts';
import { basePermitId, type PolicySource, type Rule } from './rule.ts';
import { lineAt } from './source-lines.ts';

/** Largest operator text of one tier, in bytes of UTF-8. CONTRACTS: blueprint Cedar 64 KB. */
export const maxOperatorTextBytes = 64 * 1024;

/** Rules that were found good, and remarks on them. */
export interface LoadedRules {
  readonly rules: readonly Rule[];
  readonly warnings: readonly string[];
}

/**
 * Read and check all sources together: ids are unique over all of them and each rule fits the schema. The base permit is
 * part of the result once, wherever it is repeated.
 *
 * @throws AbcaError POLICY_INVALID with every problem, each with rule, line and remedy; `details.problems` lists them.
 */
export function loadRules(cedar: CedarWasm, schema: string, sources: readonly PolicySource[]): LoadedRules {
  const parsed = sources.map((source) => parseRules(cedar, source));
  const rules = withOneBasePermit(parsed.flatMap((source) => source.rules));
  const problems = [...parsed.flatMap((source) => source.problems), ...duplicates(rules)];
  refuse(problems);
  const validation = validate(cedar, schema, rules);
  refuse([...validation.problems, ...missing(rules)]);
  return { rules, warnings: validation.warnings };
}

/** Refuse operator text that is too long to be judged on every call. */
export function checkOperatorText(name: string, text: string): void {
  const bytes = Buffer.byteLength(text, 'utf8');
  if (bytes <= maxOperatorTextBytes) return;
  refuse([`${name}: ${String(bytes)} bytes are over the limit of ${String(maxOperatorTextBytes)}; shorten the rules`]);
}

function refuse(problems: readonly string[]): void {
  if (problems.length === 0) return;
  throw new AbcaError('POLICY_INVALID', `the policies cannot be used: ${problems.join(' | ')}`, {
    details: { problems },
  });
}

function withOneBasePermit(rules: readonly Rule[]): readonly Rule[] {
  return rules.filter(({ ruleId }, index) => {
    return ruleId !== basePermitId || index === rules.findIndex((rule) => rule.ruleId === basePermitId);
  });
}

function duplicates(rules: readonly Rule[]): readonly string[] {
  return rules.flatMap((rule, index) => {
    const first = rules.findIndex(({ ruleId }) => ruleId === rule.ruleId);
    if (first === index) return [];
    const other = rules[first];
    const taken = other === undefined ? '' : ` by ${other.source}, line ${String(other.line)}`;
    return [`${rule.source}, rule ${rule.ruleId}, line ${String(rule.line)}: the id is taken${taken}; choose another`];
  });
}

/** Without the base permit all is denied, and without a rule nothing is: both are an installation that is broken. */
function missing(rules: readonly Rule[]): readonly string[] {
  const hasBase = rules.some(({ ruleId }) => ruleId === basePermitId);
  if (!hasBase) return [`the built-in policies hold no ${basePermitId}; install the package again`];
  return rules.length > 1 ? [] : ['the built-in policies hold no rule; install the package again'];
}

function validate(
  cedar: CedarWasm,
  schema: string,
  rules: readonly Rule[],
): { problems: readonly string[]; warnings: readonly string[] } {
  const answer = cedar.validate({ schema, policies: { staticPolicies: policyMap(rules) } });
  if (answer.type === 'failure') return { problems: answer.errors.map(({ message }) => message), warnings: [] };
  const describe = ({ policyId, error }: (typeof answer.validationErrors)[number]): string => {
    const rule = rules.find(({ ruleId }) => ruleId === policyId);
    const line = (rule?.line ?? 1) + lineAt(rule?.text ?? '', error.sourceLocations?.[0]?.start ?? 0) - 1;
    const what = error.message.replace(/^for policy `[^`]*`, ?/, '');
    return `${rule?.source ?? 'policies'}, rule ${policyId}, line ${String(line)}: ${what}${error.help ? `; ${error.help}` : ''}`;
  };
  return {
    problems: answer.validationErrors.map(describe),
    warnings: answer.validationWarnings.map(describe),
  };
}

/** Policies by rule id. Ids by position are in lexicographic order and wrong past ten policies. */
export function policyMap(rules: readonly Rule[]): Record<string, string> {
  return Object.fromEntries(rules.map(({ ruleId, text }) => [ruleId, text]));
}
