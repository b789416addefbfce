import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { type EnvironmentInput, programEnvironment, shellEnvironment, wrapperScript } from './environment.ts';

const source: EnvironmentInput = {
  settings: { provider: 'anthropic', apiKey: 'the-key', baseUrl: 'https://x', model: undefined },
  input: {
    prompt: '',
    workspaceDir: '/w',
    homeDir: '/h',
    shellEnvironment: { FOO: 'bar', HOME: '/elsewhere' },
    maxTurns: 1,
    maxBudgetUsd: 1,
  },
  modelUrl: 'http://127.0.0.1:1/token',
  mark: 'the-mark',
  host: { PATH: '/bin', LANG: 'C', SECRET: 's', ANTHROPIC_API_KEY: 'host-key', HTTPS_PROXY: 'p', NODE_OPTIONS: 'o' },
  maxRetries: 3,
};

describe('shellEnvironment()', () => {
  test('holds the allow-list, what the run adds, and HOME of the run', () => {
    expect(shellEnvironment(source)).toStrictEqual({
      PATH: '/bin',
      LANG: 'C',
      FOO: 'bar',
      HOME: '/h',
      TMPDIR: '/h/tmp',
      ABCA_RUN_MARK: 'the-mark',
    });
  });
});

describe('programEnvironment()', () => {
  test('holds no credential and nothing of the host but the allow-list', () => {
    const values = JSON.stringify(programEnvironment(source));

    expect(values).not.toMatch(/the-key|host-key|SECRET|PROXY|NODE_OPTIONS/);
    expect(programEnvironment(source)).toMatchObject({
      ANTHROPIC_BASE_URL: 'http://127.0.0.1:1/token',
      CLAUDE_CODE_MAX_RETRIES: '3',
      DISABLE_TELEMETRY: '1',
    });
  });

  test('points the program at the relay for Bedrock too, without a credential', () => {
    const credentials = { accessKeyId: 'key-id', secretAccessKey: 'key-secret', sessionToken: undefined };
    const settings = { provider: 'bedrock' as const, region: 'eu-west-1', model: undefined, credentials };

    const environment = programEnvironment({ ...source, settings });

    expect(environment).toMatchObject({
      CLAUDE_CODE_USE_BEDROCK: '1',
      CLAUDE_CODE_SKIP_BEDROCK_AUTH: '1',
      ANTHROPIC_BEDROCK_BASE_URL: 'http://127.0.0.1:1/token',
      AWS_REGION: 'eu-west-1',
    });
    expect(JSON.stringify(environment)).not.toMatch(/key-id|key-secret|ANTHROPIC_API_KEY/);
  });
});

describe('wrapperScript()', () => {
  test('gives the command exactly the values, whatever is in them', () => {
    const folder = mkdtempSync(join(tmpdir(), 'wrapper-'));
    const script = join(folder, 'wrapper');

    fc.assert(
      fc.property(
        fc.string({ unit: 'binary' }).filter((text) => !/[\0\uD800-\uDFFF]/u.test(text)),
        (value) => {
          writeFileSync(script, wrapperScript({ PATH: '/usr/bin:/bin', VALUE: value, 'not a name': 'x' }));
          const shown = execFileSync('/bin/sh', [script, 'printf %s "$VALUE"'], { env: { OTHER: 'y' } });
          expect(shown.toString('utf8')).toBe(value);
        },
      ),
      { numRuns: 30, examples: [["it's"], ['$(id) `id` "\\'], ['a\nb'], ['🎉']] },
    );
    rmSync(folder, { recursive: true });
  });
});
