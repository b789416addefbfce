import type { RepoView, SecurityBody } from '../client/wire-types.ts';
import { CliError, exitCodes, usageError, type ExitCode } from '../errors/cli-error.ts';
import { jsonFormat, wantsJson, type JsonFlags } from '../output/json-output.ts';
import { policiesFields, securityFields } from '../output/wire-fields.ts';
import { clientOf, type CommandContext, type PlatformChoice } from '../program/context.ts';
import { plural } from '../render/format.ts';
import { span, type Line } from '../render/line.ts';
import { fields } from '../render/receipt-lines.ts';
import { readText } from './read-text.ts';

export interface RepoPolicyFlags extends PlatformChoice, JsonFlags {}

export interface RepoPolicySetFlags extends RepoPolicyFlags {
  readonly hard?: string;
  readonly soft?: string;
  readonly disable?: readonly string[];
  readonly gateCap?: number;
  readonly maxPreApprovalScope?: string;
  readonly clear?: true;
}

/** What a repository says of security itself: its Cedar texts and settings. */
export async function runRepoPolicyShow(
  context: CommandContext,
  repo: string,
  flags: RepoPolicyFlags,
): Promise<ExitCode> {
  const { io, out } = context;
  const json = wantsJson(flags) ? jsonFormat(flags, securityFields, io.stdout) : undefined;
  const security = securityOf(await clientOf(context, flags).getRepo(repo));
  if (json !== undefined) out.raw(await json.format(security));
  else out.print(...securityLines(repo, security));
  return exitCodes.ok;
}

/** Change what is named, leave the rest as it is. The platform checks all of it before anything changes. */
export async function runRepoPolicySet(
  context: CommandContext,
  repo: string,
  flags: RepoPolicySetFlags,
): Promise<ExitCode> {
  const { io, out, talk } = context;
  if (!namesSomething(flags)) {
    throw usageError(
      'nothing to change is named',
      'give --hard, --soft, --disable, --gate-cap, --max-pre-approval-scope or --clear',
    );
  }
  const json = wantsJson(flags) ? jsonFormat(flags, policiesFields, io.stdout) : undefined;
  const texts = {
    ...(flags.hard !== undefined && { hard: await readText(flags.hard, io) }),
    ...(flags.soft !== undefined && { soft: await readText(flags.soft, io) }),
  };
  const client = clientOf(context, flags);
  const known = flags.clear === true ? {} : securityOf(await client.getRepo(repo));
  const wanted = changed(known, texts, flags);
  assertWhole(wanted);
  const set = await client.setPolicies(repo, wanted);
  if (json !== undefined) out.raw(await json.format(set));
  else {
    for (const warning of set.warnings) talk.say(`warning: ${warning}`, 'warn');
    talk.say(`${plural(set.rules.length, 'rule')} in force; tasks that run keep what they started with`, 'dim');
    out.say(repo);
  }
  return exitCodes.ok;
}

/** `known` with what the flags name. An empty file takes its tier's rules away. */
export function changed(
  known: SecurityBody,
  texts: { readonly hard?: string; readonly soft?: string },
  { disable, gateCap, maxPreApprovalScope }: Pick<RepoPolicySetFlags, 'disable' | 'gateCap' | 'maxPreApprovalScope'>,
): SecurityBody {
  const {
    hard,
    soft,
    disable: disabled,
  } = { ...known.cedar_policies, ...texts, ...(disable && { disable: [...disable] }) };
  const policies = {
    ...(hard !== undefined && hard.trim() !== '' && { hard }),
    ...(soft !== undefined && soft.trim() !== '' && { soft }),
    ...(disabled !== undefined && disabled.length > 0 && { disable: disabled }),
  };
  const cap = gateCap ?? known.approval_gate_cap;
  const widest = maxPreApprovalScope ?? known.max_pre_approval_scope;
  return {
    ...(Object.keys(policies).length > 0 && { cedar_policies: policies }),
    ...(cap !== undefined && { approval_gate_cap: cap }),
    ...(widest !== undefined && { max_pre_approval_scope: widest as NonNullable<typeof known.max_pre_approval_scope> }),
  };
}

/** What the platform hid when it showed a text must not be written back in its place. */
function assertWhole({ cedar_policies: policies = {} }: SecurityBody): void {
  for (const tier of ['hard', 'soft'] as const) {
    if (policies[tier]?.includes('[REDACTED') !== true) continue;
    throw new CliError('POLICY_INVALID', `the ${tier} rules hold something that was hidden as a secret`, {
      suggestion: `give the whole text again with --${tier} <file>; a policy needs no secrets`,
    });
  }
}

function namesSomething({ hard, soft, disable, gateCap, maxPreApprovalScope, clear }: RepoPolicySetFlags): boolean {
  return [hard, soft, disable, gateCap, maxPreApprovalScope, clear].some((flag) => flag !== undefined);
}

/** As the platform shows it inside the repository's settings. */
export function securityOf({ blueprint }: RepoView): SecurityBody {
  return (blueprint.security ?? {}) as SecurityBody;
}

function securityLines(repo: string, security: SecurityBody): Line[] {
  const { cedar_policies: policies = {}, approval_gate_cap: cap, max_pre_approval_scope: widest } = security;
  return [
    [span(repo, 'title')],
    ...fields([
      ['gate cap', cap === undefined ? "the platform's" : `${plural(cap, 'approval')} a task`],
      ['widest', widest === undefined ? 'any scope may be given in advance' : `${widest} may be given in advance`],
      ['disabled', policies.disable?.join(', ') ?? 'none'],
    ]),
    ...textLines('hard', policies.hard),
    ...textLines('soft', policies.soft),
  ];
}

function textLines(tier: string, text: string | undefined): Line[] {
  if (text === undefined) return [[], [span(`// ${tier}: none of its own`, 'dim')]];
  return [
    [],
    [span(`// ${tier}`, 'dim')],
    ...text
      .trimEnd()
      .split('\n')
      .map((line) => [span(line)]),
  ];
}
