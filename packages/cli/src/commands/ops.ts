import type { ReconcileView, SessionView } from '../client/wire-types.ts';
import { exitCodes, type ExitCode } from '../errors/cli-error.ts';
import { jsonFormat, wantsJson, type JsonFlags } from '../output/json-output.ts';
import { reconcileFields, sessionFields } from '../output/wire-fields.ts';
import { clientOf, type CommandContext, type PlatformChoice } from '../program/context.ts';
import { formatAge, formatCount, formatLeft } from '../render/format.ts';
import { span } from '../render/line.ts';

export interface OpsFlags extends PlatformChoice, JsonFlags {}

export interface OpsSessionsFlags extends OpsFlags {
  readonly all?: boolean;
  readonly limit: number;
}

const headings = ['SESSION', 'COMPUTE', 'USER', 'TASK', 'SINCE', 'LEASE', 'LAST STOP'];
const passes = ['tasks', 'sessions', 'slots'] as const;

/** The ledger: who runs where, of all users. */
export async function runOpsSessions(context: CommandContext, flags: OpsSessionsFlags): Promise<ExitCode> {
  const { io, out, talk } = context;
  const json = wantsJson(flags) ? jsonFormat(flags, sessionFields, io.stdout) : undefined;
  const state = flags.all === true ? 'all' : 'open';
  const sessions = await clientOf(context, flags).listSessions(state, flags.limit);
  if (json !== undefined) out.raw(await json.format(sessions));
  else if (sessions.length === 0) talk.say(state === 'open' ? 'no session is open' : 'no session is known');
  else await printSessions(context, sessions);
  return exitCodes.ok;
}

async function printSessions({ io, out }: CommandContext, sessions: readonly SessionView[]): Promise<void> {
  const { tabbedRows, tableLines } = await import('../render/table.ts');
  if (out.isTerminal)
    out.print(
      ...tableLines(
        headings,
        sessions.map((session) => toRow(session, io.nowMs())),
      ),
    );
  else out.raw(tabbedRows(sessions.map(toFields)));
}

function toRow(session: SessionView, nowMs: number): readonly string[] {
  return [
    session.session_id,
    session.compute_type,
    session.user_id,
    session.task_status,
    formatAge(nowMs - Date.parse(session.since)),
    leaseOf(session, nowMs),
    lastStopOf(session),
  ];
}

function leaseOf({ lease_expires_at: lease, state }: SessionView, nowMs: number): string {
  if (state === 'ended' || lease === undefined) return '-';
  const leftMs = Date.parse(lease) - nowMs;
  return leftMs > 0 ? formatLeft(leftMs) : 'run out';
}

function lastStopOf({ last_stop: stop }: SessionView): string {
  if (stop === undefined) return '-';
  const why = stop.proven_by ?? stop.message;
  const tries = stop.attempts > 1 ? ` (${formatCount(stop.attempts)} tries)` : '';
  return `${stop.outcome}${tries}${why === undefined ? '' : `: ${why}`}`;
}

function toFields(session: SessionView): readonly string[] {
  const { last_stop: stop } = session;
  return [
    session.session_id,
    session.task_id,
    session.user_id,
    session.compute_type,
    String(session.generation),
    session.state,
    session.since,
    session.lease_expires_at ?? '',
    session.task_status,
    stop?.outcome ?? '',
    stop?.proven_by ?? stop?.message ?? '',
  ];
}

/** Stop one session and say how its end was proven. 1 when it could not be stopped: it may still run. */
export async function runOpsStop(context: CommandContext, sessionId: string, flags: OpsFlags): Promise<ExitCode> {
  const { io, out } = context;
  const json = wantsJson(flags) ? jsonFormat(flags, ['session', 'stop'], io.stdout) : undefined;
  const { session, stop } = await clientOf(context, flags).stopSession(sessionId);
  if (json !== undefined) out.raw(await json.format({ session, stop }));
  else {
    const tone = stop.outcome === 'failed' ? 'bad' : session.state === 'open' ? 'warn' : 'good';
    out.print([span(session.state, tone), span(`  ${session.session_id}  ${stop.description}`)]);
  }
  return stop.outcome === 'failed' ? exitCodes.error : exitCodes.ok;
}

/** Run all reconcilers and say what they did. 1 when some of it could not be done. */
export async function runOpsReconcile(context: CommandContext, flags: OpsFlags): Promise<ExitCode> {
  const { io, out } = context;
  const json = wantsJson(flags) ? jsonFormat(flags, reconcileFields, io.stdout) : undefined;
  const report = await clientOf(context, flags).reconcile();
  if (json !== undefined) out.raw(await json.format(report));
  else await printReport(context, report);
  return report.outcome === 'clean' ? exitCodes.ok : exitCodes.error;
}

async function printReport({ out }: CommandContext, report: ReconcileView): Promise<void> {
  const { tabbedRows, tableLines } = await import('../render/table.ts');
  const rows = passes.map((name) => {
    const { looked, did, errors, more } = report[name];
    return [name, String(looked), countsOf(did), countsOf(errors), more ? 'yes' : 'no'];
  });
  if (out.isTerminal) out.print(...tableLines(['PASS', 'LOOKED AT', 'DONE', 'ERRORS', 'MORE LEFT'], rows));
  else out.raw(tabbedRows(rows));
}

/** `2 stranded, 1 woken`, or a dash. */
function countsOf(counts: Readonly<Record<string, number>>): string {
  const texts = Object.entries(counts).map(([name, count]) => `${String(count)} ${name}`);
  return texts.length === 0 ? '-' : texts.join(', ');
}
