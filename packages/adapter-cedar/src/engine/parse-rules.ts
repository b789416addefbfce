import type { Severity } from '@abca/core';
import { annotationProblems, type Annotations } from './annotations.ts';
import type { CedarProblem, CedarWasm } from './cedar-wasm.ts';
import { type PolicySource, type Rule } from './rule.ts';
import { actionsOf, readsOf } from './rule-reads.ts';
import { lineAt, locate } from './source-lines.ts';

/** Rules of one source, and everything that is wrong with it. */
export interface ParsedSource {
  readonly rules: readonly Rule[];
  /** Permits: they are held against the schema as rules are, and have no effect. */
  readonly permits: readonly Rule[];
  readonly problems: readonly string[];
}

interface Statement {
  readonly text: string;
  readonly line: number;
}

/** Read the rules of a source. Problems name the rule, the line and what to do. */
export function parseRules(cedar: CedarWasm, source: PolicySource): ParsedSource {
  const parts = cedar.policySetTextToParts(source.text);
  if (parts.type === 'failure') return onlyProblems(parts.errors.map((error) => syntaxProblem(source, error)));
  const results = locate(source.text, parts.policies).map((statement) => parseStatement(cedar, source, statement));
  const templates = locate(source.text, parts.policy_templates).map(
    ({ line }) => `${source.name}, line ${String(line)}: templates are not supported; write the rule out`,
  );
  return {
    rules: results.flatMap(({ rules }) => rules),
    permits: results.flatMap(({ permits }) => permits),
    problems: [...results.flatMap(({ problems }) => problems), ...templates],
  };
}

function onlyProblems(problems: readonly string[]): ParsedSource {
  return { rules: [], permits: [], problems };
}

function syntaxProblem({ name, text }: PolicySource, error: CedarProblem): string {
  const [at] = error.sourceLocations ?? [];
  const line = at === undefined ? '' : `, line ${String(lineAt(text, at.start))}`;
  const remedy = error.help ?? at?.label;
  return `${name}${line}: ${error.message}${remedy ? `; ${remedy}` : ''}`;
}

function parseStatement(cedar: CedarWasm, source: PolicySource, { text, line }: Statement): ParsedSource {
  const parsed = cedar.policyToJson(text);
  if (parsed.type === 'failure') return onlyProblems(parsed.errors.map((error) => syntaxProblem(source, error)));
  const annotations = textsOf(parsed.json.annotations ?? {});
  const { rule_id: ruleId } = annotations;
  const { effect } = parsed.json;
  const where = `${source.name}, ${ruleId ? `rule ${ruleId}, ` : ''}line ${String(line)}`;
  const problems = annotationProblems(annotations, effect, source.tier).map((problem) => `${where}: ${problem}`);
  if (problems.length > 0 || ruleId === undefined) return onlyProblems(problems);
  const { severity = 'medium', approval_timeout_s: timeout, category, summary } = annotations;
  const rule: Rule = {
    ruleId,
    tier: source.tier,
    severity: severity as Severity,
    ...(timeout !== undefined && { approvalTimeoutS: Number(timeout) }),
    ...(category !== undefined && { category }),
    ...(summary !== undefined && { summary }),
    source: source.name,
    text,
    line,
    actions: actionsOf(parsed.json),
    reads: readsOf(parsed.json),
  };
  return { rules: effect === 'forbid' ? [rule] : [], permits: effect === 'permit' ? [rule] : [], problems: [] };
}

/** An annotation without a value, `@tier`, counts as an empty one. */
function textsOf(annotations: Readonly<Record<string, string | null | undefined>>): Annotations {
  return Object.fromEntries(Object.entries(annotations).map(([name, value]) => [name, value ?? '']));
}
