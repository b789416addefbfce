import { describe, expect, test } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import { readFileSync, statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

type Environment = Readonly<Record<string, string>>;

// Made by the `bundle` target, on which the `test` target depends.
const folder = fileURLToPath(new URL('../bundle/', import.meta.url));

const stores = { AWS_REGION: 'us-east-1', ABCA_TABLE_PREFIX: 'abca' };
const channels = {
  ABCA_SLACK_BOT_TOKEN: 'xoxb-1',
  ABCA_GITHUB_TOKEN: 'a-token',
  ABCA_EMAIL_FROM: 'abca@example.com',
  ABCA_PUBLIC_URL: 'https://abca.example.com',
  ABCA_APPROVAL_LINK_KEY: 'k'.repeat(32),
};
const bundles = [
  {
    name: 'reconcile',
    environment: { ...stores, ABCA_ORCHESTRATOR_FUNCTION: 'abca-orchestrator:live' },
    maxBytes: 1_750_000,
    holds: 'packages/app-events/src/reconciler.ts',
    channels: true,
  },
  {
    name: 'fan-out',
    environment: stores,
    maxBytes: 1_400_000,
    holds: 'packages/app-events/src/fan-out/fan-out.ts',
    channels: true,
  },
  {
    name: 'metrics',
    environment: { AWS_REGION: 'us-east-1' },
    maxBytes: 250_000,
    holds: 'packages/app-events/src/metrics/metrics-consumer.ts',
    channels: false,
  },
] as const;

function load(name: string, env: Environment): string {
  const file = `${folder}${name}/${name}.mjs`;
  const script = `import(${JSON.stringify(file)}).then(({ handler }) => console.log(typeof handler))`;
  const options = { env, encoding: 'utf8', stdio: 'pipe' } as const;
  return execFileSync(process.execPath, ['--input-type=module', '--eval', script], options).trim();
}

describe.each(bundles)('the bundle $name for Lambda', ({ name, environment, maxBytes, holds, ...bundle }) => {
  test(`is at most ${String(maxBytes / 1_000_000)} MB`, () => {
    expect(statSync(`${folder}${name}/${name}.mjs`).size).toBeLessThanOrEqual(maxBytes);
  });

  test('holds no CDK, no test kit, no HTTP server and no agent (L19)', () => {
    const { inputs } = JSON.parse(readFileSync(`${folder}${name}/meta.json`, 'utf8')) as {
      inputs: Record<string, unknown>;
    };

    const names = Object.keys(inputs);

    expect(names).toContain(holds);
    expect(
      names.filter((file) =>
        /aws-cdk-lib|constructs|\/testing\/|test-kit|@jest|\/hono\/|claude-agent-sdk|cedar-wasm|durable-execution-sdk/.test(
          file,
        ),
      ),
    ).toStrictEqual([]);
  });

  test('loads and has a handler', () => {
    expect(load(name, environment)).toBe('function');
  });

  if (bundle.channels) {
    test('names everything its environment lacks, at once', () => {
      const { AWS_REGION, ...others } = environment;
      const lacking = new RegExp(Object.keys(others).join('[\\s\\S]*'));

      expect(() => load(name, { AWS_REGION })).toThrow(lacking);
    });

    test('has the channels that its environment names, and refuses one that is half there', () => {
      expect(load(name, { ...environment, ...channels })).toBe('function');
      expect(() => load(name, { ...environment, ABCA_GITHUB_APP_ID: '7' })).toThrow(/ABCA_GITHUB_APP_PRIVATE_KEY/);
    });
  }
});

describe('the bundle reconcile for Lambda', () => {
  const [{ name, environment }] = bundles;

  test('has the backends that its environment names, and refuses one that is half there', () => {
    const runtime = 'arn:aws:bedrock-agentcore:us-east-1:123456789012:runtime/abca_agent-a1B2c3D4e5';

    expect(load(name, { ...environment, ABCA_AGENTCORE_RUNTIME_ARN: runtime })).toBe('function');
    expect(() => load(name, { ...environment, ABCA_AGENTCORE_RUNTIME_ARN: 'my runtime' })).toThrow(/CONFIG_INVALID/);
    expect(() => load(name, { ...environment, ABCA_ECS_SUBNETS: 'subnet-1' })).toThrow(/ABCA_ECS_CLUSTER_ARN/);
  });
});

describe('the bundle fan-out for Lambda', () => {
  test('holds no compute backend: it starts and stops nothing', () => {
    const { inputs } = JSON.parse(readFileSync(`${folder}fan-out/meta.json`, 'utf8')) as {
      inputs: Record<string, unknown>;
    };

    expect(Object.keys(inputs).filter((file) => /adapter-(?:ecs|agentcore|lambda)/.test(file))).toStrictEqual([]);
  });
});
