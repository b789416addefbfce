import { accessSync, constants, existsSync, statSync } from 'node:fs';
import { createServer } from 'node:net';
import { dirname } from 'node:path';
import type { ApiClient } from '../client/api-client.ts';
import { toCliError } from '../errors/to-cli-error.ts';
import { fail, ok, warn, type CheckResult } from './check.ts';

const neededNode = 22;
/** `git init --initial-branch` came with 2.28. @see https://git-scm.com/docs/git-init */
const neededGit: readonly [number, number] = [2, 28];
/** Machines that the embedded database has a build for. */
const builds = ['linux-x64'];

type Environment = Readonly<Record<string, string | undefined>>;

export function checkNode(version: string): CheckResult {
  const major = Number(version.split('.')[0]);
  if (major >= neededNode) return ok('node', version);
  return fail(
    'node',
    `${version} is too old`,
    `install Node ${String(neededNode)} or newer, or run: npm install node@24`,
  );
}

/** @param run what `git --version` prints */
export async function checkGit(run: () => Promise<string>): Promise<CheckResult> {
  try {
    const version = (await run()).trim().replace(/^git version /, '');
    const [major = 0, minor = 0] = version.split('.').map(Number);
    const isNew = major > neededGit[0] || (major === neededGit[0] && minor >= neededGit[1]);
    if (isNew) return ok('git', version);
    return fail('git', `${version} is too old`, `install git ${neededGit.join('.')} or newer`);
  } catch (error) {
    return fail('git', (error as Error).message, 'install git and see that it is on the PATH');
  }
}

/** @param resolve finds an installed package; throws when it is not there */
export function checkDatabase(
  machine: { platform: string; arch: string },
  env: Environment,
  resolve: (id: string) => string,
): CheckResult {
  const name = `${machine.platform}-${machine.arch}`;
  if ((env['ABCA_DYNAMODB_ENDPOINT'] ?? '') !== '') return ok('database', 'ABCA_DYNAMODB_ENDPOINT is set');
  if (!builds.includes(name)) {
    return fail(
      'database',
      `the embedded one has no build for ${name}`,
      `run on ${builds.join(' or ')}, or set ABCA_DYNAMODB_ENDPOINT`,
    );
  }
  try {
    resolve(`@dynoxide/${name}/package.json`);
    return ok('database', `embedded, ${name}`);
  } catch {
    return fail('database', 'the embedded one is not installed', `run: npm install @dynoxide/${name}`);
  }
}

export function checkDataFolder(dataDir: string): CheckResult {
  const name = 'data folder';
  const existing = firstExisting(dataDir);
  try {
    accessSync(existing, constants.W_OK);
  } catch {
    return fail(name, `${existing} cannot be written`, 'choose another folder with --data-dir or ABCA_DATA_DIR');
  }
  if (existing !== dataDir) return ok(name, `${dataDir}, made at the first start`);
  if (!statSync(dataDir).isDirectory())
    return fail(name, `${dataDir} is not a folder`, 'choose another one with --data-dir');
  const isOpen = (statSync(dataDir).mode & 0o077) !== 0;
  return isOpen ? warn(name, `${dataDir} can be read by others`, `run: chmod 700 ${dataDir}`) : ok(name, dataDir);
}

/** @param isOwn whether a platform of ours listens there already */
export async function checkPort(port: number, host: string, isOwn: boolean): Promise<CheckResult> {
  if (port === 0) return ok('port', 'any free one');
  if (isOwn) return ok('port', `${String(port)}, held by the platform`);
  const problem = await tryPort(port, host);
  if (problem === undefined) return ok('port', `${String(port)} is free`);
  return fail(
    'port',
    `${String(port)} cannot be taken: ${problem}`,
    'choose another one with --port, or 0 for any free one',
  );
}

/** @param client absent: no platform is known here */
export async function checkPlatform(client: ApiClient | undefined): Promise<CheckResult> {
  const name = 'platform';
  if (client === undefined) return warn(name, 'none is known here', 'start one with: bgagent up');
  const { url, source } = client.connection;
  try {
    const { version, model } = await client.health();
    await client.listTasks(1);
    return ok(name, `${url}, version ${version}${model === undefined ? '' : `, model ${model}`}`);
  } catch (error) {
    const { message, suggestion } = toCliError(error);
    const detail = message.includes(url) ? message : `${url} (from ${source}): ${message}`;
    return fail(name, detail, suggestion ?? 'start it again with: bgagent up');
  }
}

/** Names of settings, never their values. */
export function checkModel(env: Environment): CheckResult {
  const isSet = (key: string): boolean => (env[key] ?? '') !== '';
  const name = 'model';
  const chosen = isSet('ANTHROPIC_MODEL') ? `, ANTHROPIC_MODEL=${env['ANTHROPIC_MODEL'] ?? ''}` : '';
  if (isSet('CLAUDE_CODE_USE_BEDROCK')) return checkBedrock(env, chosen);
  if (isSet('ANTHROPIC_API_KEY')) return ok(name, `Anthropic API, ANTHROPIC_API_KEY is set${chosen}`);
  return warn(
    name,
    'scripted: it only follows a script',
    'for a real one set ANTHROPIC_API_KEY, or CLAUDE_CODE_USE_BEDROCK=1 with AWS credentials',
  );
}

function checkBedrock(env: Environment, chosen: string): CheckResult {
  const isSet = (key: string): boolean => (env[key] ?? '') !== '';
  const found = ['AWS_BEARER_TOKEN_BEDROCK', 'AWS_ACCESS_KEY_ID'].filter(isSet);
  const [first] = found;
  if (first !== undefined) return ok('model', `Amazon Bedrock, ${first} is set${chosen}`);
  return fail(
    'model',
    'Amazon Bedrock is chosen, but no AWS credentials are set',
    'set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_BEARER_TOKEN_BEDROCK',
  );
}

function firstExisting(path: string): string {
  return existsSync(path) || dirname(path) === path ? path : firstExisting(dirname(path));
}

function tryPort(port: number, host: string): Promise<string | undefined> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', (error: NodeJS.ErrnoException) => {
      resolve(error.code === 'EADDRINUSE' ? 'another program listens on it' : error.message);
    });
    server.listen(port, host, () => server.close(() => resolve(undefined)));
  });
}
