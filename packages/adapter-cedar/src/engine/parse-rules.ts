import type { CedarProblem, CedarWasm } from './cedar-wasm.ts';
import { basePermitId, severities, type PolicySource, type Rule, type Severity } from './rule.ts';
import { lineAt, locate } from './source-lines.ts';

/** Rules of one source, and everything that is wrong with it. */
export interface ParsedSource {
  readonly rules: readonly Rule[];
  readonly problems: readonly string[];
}

interface Statement {
  readonly text: string;
  readonly line: number;
}

const ruleIdPattern = /^[A-Za-z0-9][A-Za-z0-9_.-]{0,99}$/;

/** Read the rules of a source. Problems name the rule, the line and what to do. */
export function parseRules(cedar: CedarWasm, source: PolicySource): ParsedSource {
  const parts = cedar.policySetTextToParts(source.text);
  if (parts.type === 'failure')
    return { rules: [], problems: parts.errors.map((error) => syntaxProblem(source, error)) };
  const statements = locate(source.text, parts.policies);
  const results = statements.map((statement) => parseStatement(cedar, source, statement));
  const templates = locate(source.text, parts.policy_templates).map(
    ({ line }) => `${source.name}, line ${String(line)}: templates are not supported; write the rule out`,
  );
  return {
    rules: results.flatMap(({ rules }) => rules),
    problems: [...results.flatMap(({ problems }) => problems), ...templates],
  };
}

function syntaxProblem({ name, text }: PolicySource, error: CedarProblem): string {
  const [at] = error.sourceLocations ?? [];
  const line = at === undefined ? '' : `, line ${String(lineAt(text, at.start))}`;
  const remedy = error.help ?? at?.label;
  return `${name}${line}: ${error.message}${remedy ? `; ${remedy}` : ''}`;
}

function parseStatement(cedar: CedarWasm, source: PolicySource, { text, line }: Statement): ParsedSource {
  const parsed = cedar.policyToJson(text);
  if (parsed.type === 'failure')
    return { rules: [], problems: parsed.errors.map((error) => syntaxProblem(source, error)) };
  const annotations = parsed.json.annotations ?? {};
  const ruleId = annotations['rule_id'];
  const where = `${source.name}, ${ruleId ? `rule ${ruleId}, ` : ''}line ${String(line)}`;
  const problems = problemsOf(annotations, parsed.json.effect, source).map((problem) => `${where}: ${problem}`);
  if (problems.length > 0 || ruleId === undefined) return { rules: [], problems };
  const rule: Rule = {
    ruleId,
    tier: source.tier,
    severity: (annotations['severity'] as Severity | undefined) ?? 'medium',
    category: annotations['category'],
    summary: annotations['summary'],
    source: source.name,
    text,
    line,
  };
  return { rules: [rule], problems: [] };
}

function problemsOf(
  annotations: Readonly<Record<string, string>>,
  effect: 'permit' | 'forbid',
  source: PolicySource,
): readonly string[] {
  const { rule_id: ruleId, tier, severity } = annotations;
  if (ruleId === undefined) return ['the rule has no id; add @rule_id("...") before it'];
  if (!ruleIdPattern.test(ruleId)) return ['the id may hold up to 100 letters, digits, "_", "." and "-"'];
  if (ruleId === basePermitId) {
    return effect === 'permit' ? [] : [`only a permit may be called ${basePermitId}; give the rule another id`];
  }
  const problems: string[] = [];
  if (tier !== source.tier) {
    const found = tier === undefined ? 'the tier is missing' : `the tier is "${tier}"`;
    problems.push(`${found}; write @tier("${source.tier}")`);
  }
  if (severity !== undefined && !severities.some((known) => known === severity)) {
    problems.push(`the severity is "${severity}"; it must be one of ${severities.join(', ')}`);
  }
  return problems;
}
