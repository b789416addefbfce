import { describe, expect, test } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import { readFileSync, statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

// Made by the `bundle` target, on which the `test` target depends.
const folder = fileURLToPath(new URL('../bundle/', import.meta.url));
const file = `${folder}orchestrator.mjs`;
const environment = { AWS_REGION: 'us-east-1', ABCA_TABLE_PREFIX: 'abca', ABCA_COMPUTE_TYPE: 'agentcore' };

function load(env: Record<string, string>): string {
  const script = `import(${JSON.stringify(file)}).then(({ handler }) => console.log(typeof handler))`;
  const options = { env, encoding: 'utf8', stdio: 'pipe' } as const;
  return execFileSync(process.execPath, ['--input-type=module', '--eval', script], options).trim();
}

describe('the bundle for Lambda', () => {
  test('is at most 1.5 MB', () => {
    expect(statSync(file).size).toBeLessThanOrEqual(1_500_000);
  });

  test('holds no CDK, no test kit and no other backend than is wired (L19)', () => {
    const { inputs } = JSON.parse(readFileSync(`${folder}meta.json`, 'utf8')) as { inputs: Record<string, unknown> };

    const names = Object.keys(inputs);

    expect(names).toContain('packages/app-orchestrator/src/workflow.ts');
    expect(
      names.filter((name) => /aws-cdk-lib|constructs|\/testing\/|@jest|hono|claude-agent-sdk/.test(name)),
    ).toStrictEqual([]);
  });

  test('loads and has a handler', () => {
    expect(load(environment)).toBe('function');
  });

  test('has the backends that its environment names, and refuses one that is half there', () => {
    const runtime = 'arn:aws:bedrock-agentcore:us-east-1:123456789012:runtime/abca_agent-a1B2c3D4e5';

    expect(load({ ...environment, ABCA_AGENTCORE_RUNTIME_ARN: runtime })).toBe('function');
    expect(() => load({ ...environment, ABCA_AGENTCORE_RUNTIME_ARN: 'my runtime' })).toThrow(/CONFIG_INVALID/);
    expect(() => load({ ...environment, ABCA_ECS_SUBNETS: 'subnet-1' })).toThrow(/ABCA_ECS_CLUSTER_ARN/);
  });

  test('names everything its environment lacks, at once', () => {
    expect(() => load({ AWS_REGION: 'us-east-1' })).toThrow(/ABCA_TABLE_PREFIX[\s\S]*ABCA_COMPUTE_TYPE/);
  });
});
