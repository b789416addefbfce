import type { RuleSummary, Tier } from '@abca/core';
import { exitCodes, type ExitCode } from '../errors/cli-error.ts';
import { jsonFormat, wantsJson, type JsonFlags } from '../output/json-output.ts';
import type { CommandContext } from '../program/context.ts';
import { plural } from '../render/format.ts';
import { oneLine, span } from '../render/line.ts';
import { tabbedRows, tableLines } from '../render/table.ts';
import { loadPolicies, type Loaded } from './load-engine.ts';
import {
  inFiles,
  joinPolicies,
  readPolicyFiles,
  toProblem,
  type PolicyFile,
  type PolicyProblem,
} from './policy-texts.ts';

export interface CheckFlags extends JsonFlags {
  readonly tier?: Tier;
}

/** What a check found, as JSON has it. */
interface CheckResult {
  readonly valid: boolean;
  readonly rules: readonly Readonly<Record<string, unknown>>[];
  readonly warnings: readonly string[];
  readonly problems: readonly PolicyProblem[];
}

const resultFields = ['valid', 'rules', 'warnings', 'problems'] satisfies (keyof CheckResult)[];

/** Check files of rules as the platform would for a repository. 1 when it would refuse them. */
export async function runPolicyCheck(
  context: CommandContext,
  names: readonly string[],
  flags: CheckFlags,
): Promise<ExitCode> {
  const { io, out } = context;
  const json = wantsJson(flags) ? jsonFormat(flags, resultFields, io.stdout) : undefined;
  const files = await readPolicyFiles(names, io, flags.tier);
  const result = resultOf(await loadPolicies(joinPolicies(files)), files);
  if (json !== undefined) out.raw(await json.format(result));
  else tellResult(context, result, files);
  return result.valid ? exitCodes.ok : exitCodes.error;
}

function resultOf(loaded: Loaded, files: readonly PolicyFile[]): CheckResult {
  if (loaded.kind === 'invalid') {
    const problems = loaded.problems.map((problem) => toProblem(problem, files));
    return { valid: false, rules: [], warnings: [], problems };
  }
  const { rules, warnings } = loaded.engine;
  return {
    valid: true,
    rules: rules.filter(({ source }) => source.startsWith('operator ')).map(toRuleView),
    warnings: warnings.map((warning) => inFiles(warning, files)),
    problems: [],
  };
}

function toRuleView({
  ruleId,
  tier,
  severity,
  approvalTimeoutS,
  category,
  summary,
}: RuleSummary): CheckResult['rules'][number] {
  return {
    rule_id: ruleId,
    tier,
    severity,
    ...(approvalTimeoutS !== undefined && { approval_timeout_s: approvalTimeoutS }),
    ...(category !== undefined && { category }),
    ...(summary !== undefined && { summary }),
  };
}

function tellResult({ out, talk }: CommandContext, result: CheckResult, files: readonly PolicyFile[]): void {
  const rows = result.rules.map(({ rule_id, tier, severity, summary = '' }) =>
    [rule_id, tier, severity, summary].map(String),
  );
  if (!out.isTerminal) out.raw(tabbedRows(rows));
  else if (rows.length > 0) out.print(...tableLines(['RULE', 'TIER', 'SEVERITY', 'SUMMARY'], rows));
  for (const warning of result.warnings) talk.say(`warning: ${oneLine(warning)}`, 'warn');
  if (result.valid) {
    talk.say(`valid: ${plural(rows.length, 'rule')} in ${plural(files.length, 'file')}`, 'good');
    return;
  }
  talk.print([span('error: ', 'bad'), span(`${plural(result.problems.length, 'problem')} to correct`)]);
  for (const problem of result.problems) tellProblem(talk, problem);
}

function tellProblem(talk: CommandContext['talk'], { file, rule_id, line, message, remedy }: PolicyProblem): void {
  const where = [file, rule_id && `rule ${rule_id}`, line && `line ${String(line)}`].filter(Boolean).join(', ');
  talk.print([span('  - '), span(where === '' ? '' : `${where}: `, 'title'), span(oneLine(message))]);
  if (remedy !== undefined) talk.print([span(`    ${oneLine(remedy)}`, 'dim')]);
}
