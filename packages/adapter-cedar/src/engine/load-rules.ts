import { AbcaError, limits, type CedarPolicies } from '@abca/core';
import type { CedarWasm } from './cedar-wasm.ts';
import { parseRules } from './parse-rules.ts';
import { basePermitId, type PolicySource, type Rule } from './rule.ts';
import { lineAt } from './source-lines.ts';

/** The rules of an engine, and remarks on them. */
export interface LoadedRules {
  readonly rules: readonly Rule[];
  readonly warnings: readonly string[];
}

/** What every engine starts from. */
export interface BuiltIn {
  readonly schema: string;
  /** Rules that were checked when the package was made. */
  readonly rules: readonly Rule[];
}

/**
 * Read and check the texts of an operator next to the built-in rules: ids are unique over all of them, each rule fits the
 * schema, and what is disabled is left out.
 *
 * @throws AbcaError POLICY_INVALID with every problem, each with rule, line and remedy; `details.problems` lists them.
 */
export function loadRules(cedar: CedarWasm, builtIn: BuiltIn, policies: CedarPolicies): LoadedRules {
  refuse([...builtInProblems(builtIn), ...sizeProblems(policies)]);
  const parsed = sourcesOf(policies).map((source) => parseRules(cedar, source));
  const own = parsed.flatMap(({ rules }) => rules);
  const permits = parsed.flatMap((source) => source.permits).filter(({ ruleId }) => ruleId !== basePermitId);
  const rules = [...builtIn.rules, ...own];
  refuse([
    ...parsed.flatMap(({ problems }) => problems),
    ...duplicates([...rules, ...permits]),
    ...disableProblems(rules, policies.disable ?? []),
  ]);
  const validation = validate(cedar, builtIn.schema, [...own, ...permits]);
  refuse(validation.problems);
  return {
    rules: rules.filter(({ ruleId }) => !policies.disable?.includes(ruleId)),
    warnings: [...validation.warnings, ...permits.map(permitWarning), ...own.flatMap(timeoutWarning)],
  };
}

function sourcesOf({ hard, soft }: CedarPolicies): readonly PolicySource[] {
  return [
    ...(hard === undefined ? [] : [{ name: 'operator hard policies', tier: 'hard', text: hard } as const]),
    ...(soft === undefined ? [] : [{ name: 'operator soft policies', tier: 'soft', text: soft } as const]),
  ];
}

/** L29: without a rule nothing is denied. That is an installation which is broken. */
function builtInProblems({ rules, schema }: BuiltIn): readonly string[] {
  const isWhole = schema !== '' && ['hard', 'soft'].every((tier) => rules.some((rule) => rule.tier === tier));
  return isWhole ? [] : ['the built-in policies hold no rules; install the package again'];
}

/** Longer text is not judged on every call. */
function sizeProblems({ hard = '', soft = '' }: CedarPolicies): readonly string[] {
  const bytes = Buffer.byteLength(hard, 'utf8') + Buffer.byteLength(soft, 'utf8');
  const most = limits.cedarPolicyBytes;
  if (bytes <= most) return [];
  return [
    `operator policies: ${String(bytes)} bytes of both tiers are over the limit of ${String(most)}; shorten the rules`,
  ];
}

function refuse(problems: readonly string[]): void {
  if (problems.length === 0) return;
  throw new AbcaError('POLICY_INVALID', `the policies cannot be used: ${problems.join(' | ')}`, {
    details: { problems },
  });
}

function duplicates(rules: readonly Rule[]): readonly string[] {
  const firsts = new Map<string, Rule>();
  return rules.flatMap((rule) => {
    const first = firsts.get(rule.ruleId);
    if (first === undefined) firsts.set(rule.ruleId, rule);
    const taken = `the id is taken by ${first?.source ?? ''}, line ${String(first?.line)}; choose another`;
    return first === undefined ? [] : [`${placeOf(rule)}: ${taken}`];
  });
}

/** Only what may be approved may be disabled, and a name that is misspelled would disable nothing. */
function disableProblems(rules: readonly Rule[], disable: readonly string[]): readonly string[] {
  return disable.flatMap((ruleId) => {
    const rule = rules.find((candidate) => candidate.ruleId === ruleId);
    if (rule?.tier === 'soft') return [];
    if (rule !== undefined) return [`disable: rule ${ruleId} is hard and cannot be disabled; remove it from the list`];
    const soft = rules.filter(({ tier }) => tier === 'soft').map((known) => known.ruleId);
    return [`disable: there is no rule ${ruleId}; soft rules are: ${soft.sort().join(', ')}`];
  });
}

function validate(
  cedar: CedarWasm,
  schema: string,
  rules: readonly Rule[],
): { problems: readonly string[]; warnings: readonly string[] } {
  if (rules.length === 0) return { problems: [], warnings: [] };
  const staticPolicies = Object.fromEntries(rules.map(({ ruleId, text }) => [ruleId, text]));
  const answer = cedar.validate({ schema, policies: { staticPolicies } });
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

function permitWarning(permit: Rule): string {
  return `${placeOf(permit)}: a permit lifts no rule, and what no rule forbids is permitted anyway; remove it, or disable the soft rule that it was meant to lift`;
}

function timeoutWarning(rule: Rule): readonly string[] {
  const { approvalTimeoutS: timeout } = rule;
  const least = limits.shortApprovalTimeoutS;
  if (timeout === undefined || timeout >= least) return [];
  return [
    `${placeOf(rule)}: a person has ${String(timeout)} s to answer, which is short; ${String(least)} or more is better`,
  ];
}

function placeOf({ source, ruleId, line }: Rule): string {
  return `${source}, rule ${ruleId}, line ${String(line)}`;
}
