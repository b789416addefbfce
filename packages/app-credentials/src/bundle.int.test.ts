import { execFileSync } from 'node:child_process';
import { readFileSync, statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from '@jest/globals';

// Made by the `bundle` target, on which the `test` target depends.
const folder = fileURLToPath(new URL('../bundle/', import.meta.url));
const file = `${folder}credentials.mjs`;
const environment = { AWS_REGION: 'us-east-1', ABCA_TABLE_PREFIX: 'abca', ABCA_GITHUB_TOKEN: 'a-token' };

function load(env: Readonly<Record<string, string>>): string {
  const script = `import(${JSON.stringify(file)}).then(({ handler }) => console.log(typeof handler))`;
  const options = { env, encoding: 'utf8', stdio: 'pipe' } as const;
  return execFileSync(process.execPath, ['--input-type=module', '--eval', script], options).trim();
}

describe('the bundle for Lambda', () => {
  test('is at most 1.1 MB', () => {
    expect(statSync(file).size).toBeLessThanOrEqual(1_100_000);
  });

  test('holds no other adapter than it needs, no test kit and no workflow (L19)', () => {
    const { inputs } = JSON.parse(readFileSync(`${folder}meta.json`, 'utf8')) as { inputs: Record<string, unknown> };

    const names = Object.keys(inputs);

    const others =
      /aws-cdk-lib|\/testing\/|@jest|hono|claude-agent-sdk|durable-execution|cedar-wasm|packages\/adapter-(?:git|ecs|slack|email)\//;
    expect(names).toContain('packages/app-credentials/src/credentials-function.ts');
    expect(names.filter((name) => others.test(name))).toStrictEqual([]);
  });

  test('loads and has a handler', () => {
    expect(load(environment)).toBe('function');
  });

  test('refuses to be there without a forge, and with half of one', () => {
    const { ABCA_GITHUB_TOKEN: _token, ...none } = environment;

    expect(() => load(none)).toThrow(/no access to a forge: set ABCA_GITHUB_APP_ID/);
    expect(() => load({ ...none, ABCA_GITHUB_APP_ID: '7' })).toThrow(/ABCA_GITHUB_APP_PRIVATE_KEY/);
    expect(() => load({ ABCA_GITHUB_TOKEN: 'a-token' })).toThrow(/AWS_REGION[\s\S]*ABCA_TABLE_PREFIX/);
  });
});
