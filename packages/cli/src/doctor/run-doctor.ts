import { createRequire } from 'node:module';
import { join } from 'node:path';
import { ApiClient } from '../client/api-client.ts';
import { findConnection, findDataDir } from '../client/connection.ts';
import { runGit } from '../demo/run-git.ts';
import { CliError, exitCodes, type ExitCode } from '../errors/cli-error.ts';
import { toCliError } from '../errors/to-cli-error.ts';
import { jsonFormat, wantsJson, type JsonFlags } from '../output/json-output.ts';
import type { CommandContext, PlatformChoice } from '../program/context.ts';
import { oneLine, span, type Line, type Tone } from '../render/line.ts';
import { fail, ok, type CheckResult } from './check.ts';
import { checkDatabase, checkDataFolder, checkGit, checkModel, checkNode, checkPlatform, checkPort } from './checks.ts';

export interface DoctorFlags extends PlatformChoice, JsonFlags {
  readonly port?: number;
}

const resultFields = ['name', 'status', 'detail', 'remedy'];

/** Check what ABCA needs on this machine, each with its remedy. 1 when something fails. */
export async function runDoctor(context: CommandContext, flags: DoctorFlags): Promise<ExitCode> {
  const { io, out } = context;
  const json = wantsJson(flags) ? jsonFormat(flags, resultFields, io.stdout) : undefined;
  const results = await examine(context, flags);
  if (json === undefined) out.print(...results.flatMap(resultLines));
  else out.raw(await json.format(results));
  return results.some(({ status }) => status === 'fail') ? exitCodes.error : exitCodes.ok;
}

async function examine({ io }: CommandContext, flags: DoctorFlags): Promise<CheckResult[]> {
  const query = { flags, env: io.env, cwd: io.cwd };
  const { client, problem } = findClient(query, io);
  const platform = problem ?? (await checkPlatform(client));
  const { resolve } = createRequire(import.meta.url);
  return [
    checkNode(process.versions.node),
    await checkGit(() => runGit(['--version'], { cwd: io.cwd, env: io.env })),
    checkDatabase(process, io.env, resolve),
    await checkConfiguration(io, flags),
    checkDataFolder(findDataDir(query) ?? join(io.cwd, '.abca')),
    await checkPort(wantedPort(flags, io.env), '127.0.0.1', isOwnPort(client, platform, wantedPort(flags, io.env))),
    platform,
    checkModel(io.env),
  ];
}

/** A platform that is not known is a state; a wrong address is a fault. */
function findClient(
  query: Parameters<typeof findConnection>[0],
  io: CommandContext['io'],
): { readonly client?: ApiClient; readonly problem?: CheckResult } {
  try {
    return { client: new ApiClient(findConnection(query), io) };
  } catch (error) {
    const { code, message, suggestion } = toCliError(error);
    return code === 'PLATFORM_NOT_FOUND'
      ? {}
      : { problem: fail('platform', message, suggestion ?? 'correct the address') };
  }
}

async function checkConfiguration(io: CommandContext['io'], flags: DoctorFlags): Promise<CheckResult> {
  try {
    const local = await io.loadLocal();
    const { dataDir, port } = flags;
    const platformFlags = { ...(dataDir !== undefined && { dataDir }), ...(port !== undefined && { port }) };
    local.loadPlatformConfig({ flags: platformFlags, env: io.env, cwd: io.cwd });
    return ok('configuration', 'flags, environment and abca.json are valid');
  } catch (error) {
    const { message } = error instanceof CliError ? error : toCliError(error);
    return fail(
      'configuration',
      oneLine(message),
      'correct the setting where it is made: a flag, an ABCA_ variable or abca.json',
    );
  }
}

function wantedPort({ port }: DoctorFlags, env: Readonly<Record<string, string | undefined>>): number {
  const fromEnv = Number(env['ABCA_PORT'] ?? 0);
  return port ?? (Number.isSafeInteger(fromEnv) ? fromEnv : 0);
}

function isOwnPort(client: ApiClient | undefined, platform: CheckResult, port: number): boolean {
  return platform.status === 'ok' && client !== undefined && new URL(client.connection.url).port === String(port);
}

const marks: Readonly<Record<CheckResult['status'], readonly [mark: string, tone: Tone]>> = {
  ok: ['✓', 'good'],
  warn: ['!', 'warn'],
  fail: ['✗', 'bad'],
};

function resultLines({ name, status, detail, remedy }: CheckResult): Line[] {
  const [mark, tone] = marks[status];
  const head: Line = [span(`${mark} `, tone), span(name.padEnd(14), 'title'), span(oneLine(detail))];
  return remedy === undefined ? [head] : [head, [span(`${' '.repeat(16)}→ ${oneLine(remedy)}`, tone)]];
}
