import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';

import type { CrashHostArguments } from './crash-host.test-kit.ts';
import { startTestDynamoDb, type TestDynamoDb } from './dynamodb.test-kit.ts';
import { ensureTables } from './index.ts';

let database: TestDynamoDb;
let folder: string;
/** Runs that go on at the same time; each mostly waits for its timer. */
const CONCURRENCY = 4;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'local-lambda-crash-'));
  database = await startTestDynamoDb(join(folder, 'data', 'abca.db'));
});
afterAll(async () => {
  await database.stop();
  rmSync(folder, { recursive: true, force: true });
});

interface Run {
  readonly signal: string | null;
  readonly output: string;
}

function runHost(settings: CrashHostArguments): Promise<Run> {
  const host = join(dirname(fileURLToPath(import.meta.url)), 'crash-host.test-kit.ts');
  const child = spawn(
    process.execPath,
    ['--no-warnings', '--conditions=@abca/source', host, JSON.stringify(settings)],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: { PATH: '/usr/bin:/bin', HOME: folder },
    },
  );
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (_code, signal) => {
      resolve({ signal, output });
    });
  });
}

async function crashAndRestart(
  name: string,
  killAt: number | undefined,
): Promise<{ lines: string[]; last: Run; first: Run }> {
  const effectsFile = join(folder, `${name}.log`);
  writeFileSync(effectsFile, '');
  const tablePrefix = `${name}-`;
  await ensureTables(database.client, tablePrefix);
  const settings = { endpoint: database.endpoint, tablePrefix, effectsFile, executionName: name };
  const first = await runHost(killAt === undefined ? settings : { ...settings, killAt });
  const last = first.signal === null ? first : await runHost(settings);
  return { lines: readFileSync(effectsFile, 'utf8').split('\n').filter(Boolean), last, first };
}

function resultOf(run: Run): { loose: number; once: unknown; told: string; both: unknown[] } {
  const line = run.output.split('\n').find((text) => text.startsWith('DONE ')) ?? '';
  return JSON.parse(line.slice('DONE '.length)) as ReturnType<typeof resultOf>;
}

const INTACT = { loose: 2, told: 'told', both: ['left', { got: { from: 'parent' } }] };

async function failuresOf(killAt: number): Promise<string[]> {
  const { lines, last } = await crashAndRestart(`crash-${String(killAt)}`, killAt);
  const where = `${String(killAt)} ${lines.find((line) => line.startsWith('killed')) ?? 'not killed'}`;
  const { once, ...rest } = resultOf(last);
  const ran = lines.filter((line) => line === 'effect once').length;
  const isRight = once === 4 || once === 'interrupted: StepInterruptedError' || once === 'interrupted: StepError';
  const failures: string[] = [];
  if (!where.includes('killed')) failures.push(`${where}: the boundary was not reached`);
  if (JSON.stringify(rest) !== JSON.stringify(INTACT)) failures.push(`${where}: ${JSON.stringify(rest)}`);
  if (ran > 1) failures.push(`${where}: the at-most-once step ran ${String(ran)} times`);
  if (!isRight) failures.push(`${where}: once is ${String(once)}`);
  return failures;
}

describe('kill -9', () => {
  test('at every boundary: the execution ends right, and its at-most-once step ran at most once', async () => {
    const calm = await crashAndRestart('calm', undefined);
    const boundaries = Number(/BOUNDARIES (\d+)/.exec(calm.last.output)?.[1]);
    expect(resultOf(calm.last)).toStrictEqual({ ...INTACT, once: 4 });
    expect(boundaries).toBeGreaterThan(25);

    const failures: string[] = [];
    let next = 1;
    const tryOn = async (): Promise<void> => {
      while (next <= boundaries) failures.push(...(await failuresOf(next++)));
    };
    await Promise.all(Array.from({ length: CONCURRENCY }, tryOn));

    expect(failures).toStrictEqual([]);
  }, 300_000);
});
