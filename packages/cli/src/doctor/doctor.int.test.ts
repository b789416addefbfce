import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AbcaError } from '@abca/core';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { cli } from '../cli.test-kit.ts';
import { FakeApi } from '../fake-api.test-kit.ts';
import type { LocalPlatformModule } from '../platform/local-platform.ts';
import type { CheckResult } from './check.ts';
import { checkDatabase, checkDataFolder, checkGit, checkModel, checkNode, checkPort } from './checks.ts';

let api: FakeApi;
let folder: string;
beforeEach(async () => {
  api = await FakeApi.start();
  folder = mkdtempSync(join(tmpdir(), 'abca-doctor-'));
});
afterEach(async () => {
  await api.close();
  rmSync(folder, { recursive: true });
});

const local = (problem?: Error): LocalPlatformModule => ({
  hasModelCredentials: () => false,
  loadPlatformConfig: () => {
    if (problem) throw problem;
    return { dataDir: folder, host: '127.0.0.1', port: 0 };
  },
  startPlatform: () => Promise.reject(new Error('not here')),
});
const options = (env: Record<string, string> = {}, problem?: Error) => ({
  cwd: folder,
  env: { PATH: process.env['PATH'] ?? '', ...env },
  local: local(problem),
});
const apiPort = () => Number(new URL(api.url).port);

describe('doctor', () => {
  test('finds nothing wrong with a platform that runs, and shows no secret', async () => {
    const secret = 'a-key-that-nobody-may-see';
    const env = { ABCA_URL: api.url, ABCA_TOKEN: api.token, ANTHROPIC_API_KEY: secret };

    const { code, stdout } = await cli(['doctor', '--json'], options(env));

    const results = JSON.parse(stdout) as CheckResult[];
    expect(results.map(({ name, status }) => `${name} ${status}`)).toStrictEqual([
      'node ok',
      'git ok',
      'database ok',
      'configuration ok',
      'data folder ok',
      'port ok',
      'platform ok',
      'model ok',
    ]);
    expect(code).toBe(0);
    expect(stdout).not.toContain(secret);
    expect(stdout).not.toContain(api.token);
  });

  test('tells of every fault at once, with its remedy, and ends with 1', async () => {
    const env = { ABCA_URL: 'http://127.0.0.1:9', CLAUDE_CODE_USE_BEDROCK: '1', PATH: folder };
    const problem = new AbcaError('CONFIG_INVALID', 'the configuration is not valid:\n✖ port');

    const { code, stdout } = await cli(['doctor', '--port', String(apiPort())], options(env, problem));

    expect(code).toBe(1);
    for (const name of ['git', 'configuration', 'port', 'platform', 'model'])
      expect(stdout).toMatch(new RegExp(`✗ ${name}.*\n +→ `));
  });

  test('knows a platform whose token is not the right one', async () => {
    const { code, stdout } = await cli(['doctor'], options({ ABCA_URL: api.url, ABCA_TOKEN: 'wrong' }));

    expect(code).toBe(1);
    expect(stdout).toContain('✗ platform');
    expect(stdout).toContain('the token is missing or not valid');
  });

  test('says when no platform is known, without calling it a fault', async () => {
    const { code, stdout } = await cli(['doctor'], options());

    expect(code).toBe(0);
    expect(stdout).toContain('! platform      none is known here\n                → start one with: bgagent up\n');
  });
});

describe('checks', () => {
  const machine = { platform: 'linux', arch: 'x64' };
  const missing = (): string => {
    throw new Error('not there');
  };

  test.each([
    [checkNode('20.20.1'), 'fail'],
    [checkNode('22.0.0'), 'ok'],
    [checkDatabase(machine, {}, () => '/x'), 'ok'],
    [checkDatabase(machine, {}, missing), 'fail'],
    [checkDatabase({ platform: 'sunos', arch: 'sparc' }, {}, missing), 'fail'],
    [checkDatabase({ platform: 'sunos', arch: 'sparc' }, { ABCA_DYNAMODB_ENDPOINT: 'http://x' }, missing), 'ok'],
    [checkModel({}), 'warn'],
    [checkModel({ ANTHROPIC_API_KEY: 'x' }), 'ok'],
    [checkModel({ CLAUDE_CODE_USE_BEDROCK: '1', AWS_ACCESS_KEY_ID: 'x' }), 'ok'],
    [checkModel({ CLAUDE_CODE_USE_BEDROCK: '1' }), 'fail'],
  ])('%j', (result, status) => {
    expect(result.status).toBe(status);
    expect(result.remedy === undefined).toBe(status === 'ok');
  });

  test.each([
    ['git version 2.39.5 (Apple Git-154)', 'ok'],
    ['git version 2.28.0', 'ok'],
    ['git version 2.27.9', 'fail'],
    ['git version 3.0.0', 'ok'],
  ])('%s is %s', async (output, status) => {
    expect((await checkGit(() => Promise.resolve(`${output}\n`))).status).toBe(status);
  });

  test('a port is free, ours or taken', async () => {
    expect((await checkPort(0, '127.0.0.1', false)).status).toBe('ok');
    expect((await checkPort(apiPort(), '127.0.0.1', true)).status).toBe('ok');
    expect(await checkPort(apiPort(), '127.0.0.1', false)).toMatchObject({
      status: 'fail',
      detail: expect.stringContaining('another program listens on it'),
    });
  });

  test('a data folder is a folder that only its owner reads', () => {
    mkdirSync(join(folder, 'open'), { mode: 0o755 });
    chmodSync(join(folder, 'open'), 0o755);
    writeFileSync(join(folder, 'file'), '');

    expect(checkDataFolder(folder).status).toBe('ok');
    expect(checkDataFolder(join(folder, 'new')).status).toBe('ok');
    expect(checkDataFolder(join(folder, 'open')).status).toBe('warn');
    expect(checkDataFolder(join(folder, 'file')).status).toBe('fail');
  });
});
