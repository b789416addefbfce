import type { RuleView } from '../client/wire-types.ts';
import { CliError, exitCodes, type ExitCode } from '../errors/cli-error.ts';
import { jsonFormat, wantsJson, type JsonFlags } from '../output/json-output.ts';
import { ruleFields } from '../output/wire-fields.ts';
import { clientOf, type CommandContext, type PlatformChoice } from '../program/context.ts';
import { fields } from '../render/receipt-lines.ts';
import { span } from '../render/line.ts';

export interface PoliciesFlags extends PlatformChoice, JsonFlags {
  readonly repo: string;
}

export interface PoliciesListFlags extends PoliciesFlags {
  readonly tier?: RuleView['tier'];
}

export interface PoliciesShowFlags extends PoliciesFlags {
  readonly rule: string;
}

/** The rules that hold for the tasks of a repository, disabled ones left out. */
export async function runPoliciesList(context: CommandContext, flags: PoliciesListFlags): Promise<ExitCode> {
  const { io, out, talk } = context;
  const json = wantsJson(flags) ? jsonFormat(flags, ruleFields, io.stdout) : undefined;
  const { rules, disabled, warnings } = await clientOf(context, flags).getPolicies(flags.repo);
  const shown = rules.filter(({ tier }) => flags.tier === undefined || tier === flags.tier);
  if (json !== undefined) out.raw(await json.format(shown));
  else {
    await printRules(context, shown);
    for (const warning of warnings) talk.say(`warning: ${warning}`, 'warn');
    if (disabled.length > 0) talk.say(`disabled: ${disabled.join(', ')}`, 'dim');
  }
  return exitCodes.ok;
}

/** One rule with all that is known of it. */
export async function runPoliciesShow(context: CommandContext, flags: PoliciesShowFlags): Promise<ExitCode> {
  const { io, out } = context;
  const json = wantsJson(flags) ? jsonFormat(flags, ruleFields, io.stdout) : undefined;
  const { rules, disabled } = await clientOf(context, flags).getPolicies(flags.repo);
  const rule = rules.find(({ rule_id }) => rule_id === flags.rule);
  if (rule === undefined) throw noRule(flags, disabled);
  if (json !== undefined) out.raw(await json.format(rule));
  else out.print([span(rule.rule_id, 'title')], ...ruleLines(rule));
  return exitCodes.ok;
}

function ruleLines({
  tier,
  severity,
  approval_timeout_s,
  category,
  summary,
  source,
}: RuleView): ReturnType<typeof fields> {
  return fields([
    ['tier', tier === 'hard' ? 'hard: denied, whoever asks' : 'soft: a person is asked'],
    ['severity', severity],
    ['waits', approval_timeout_s === undefined ? undefined : `${String(approval_timeout_s)} s for an answer`],
    ['category', category],
    ['summary', summary],
    ['source', source],
  ]);
}

function noRule({ repo, rule }: PoliciesShowFlags, disabled: readonly string[]): CliError {
  const why = disabled.includes(rule) ? 'is disabled for' : 'is not a rule of';
  return new CliError('RULE_NOT_FOUND', `${rule} ${why} ${repo}`, {
    suggestion: `list its rules with: bgagent policies list --repo ${repo}`,
  });
}

async function printRules({ out }: CommandContext, rules: readonly RuleView[]): Promise<void> {
  const { tabbedRows, tableLines } = await import('../render/table.ts');
  const row = (rule: RuleView): string[] => [
    rule.rule_id,
    rule.tier,
    rule.severity,
    rule.approval_timeout_s === undefined ? '' : `${String(rule.approval_timeout_s)} s`,
    rule.source,
  ];
  if (out.isTerminal) out.print(...tableLines(['RULE', 'TIER', 'SEVERITY', 'WAITS', 'SOURCE'], rules.map(row)));
  else out.raw(tabbedRows(rules.map((rule) => [...row(rule), rule.summary ?? ''])));
}
