import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { taskTypes } from '@abca/core';
import { z } from 'zod';
import { loadCedarPolicyEngine } from './cedar-policy-engine.ts';
import { aRequest } from './policy-request.test-kit.ts';

const folder = new URL('../../../../contracts/cedar-parity/', import.meta.url);

const fixtureSchema = z.strictObject({
  name: z.string(),
  description: z.string(),
  policies: z.strictObject({ hard: z.string().optional() }),
  input: z.strictObject({
    tool_name: z.string(),
    tool_input: z.unknown(),
    task_type: z.enum(taskTypes),
    repo: z.string(),
    read_only: z.boolean(),
    workspace_dir: z.string(),
  }),
  expected: z.strictObject({ decision: z.enum(['allow', 'deny']), matching_rule_ids: z.array(z.string()) }),
});

const fixtures = readdirSync(folder)
  .filter((file) => file.endsWith('.json'))
  .map((file) => [file, fixtureSchema.parse(JSON.parse(readFileSync(new URL(file, folder), 'utf8')))] as const);

describe('golden fixtures in contracts/cedar-parity', () => {
  test.each(fixtures)('%s', async (file, { name, policies, input, expected }) => {
    const engine = await loadCedarPolicyEngine({
      policies: policies.hard === undefined ? {} : { hard: policies.hard },
    });

    const decision = await engine.evaluate(
      aRequest({
        toolName: input.tool_name,
        input: input.tool_input,
        taskType: input.task_type,
        readOnly: input.read_only,
        workspaceDir: input.workspace_dir,
      }),
    );

    expect(`${name}.json`).toBe(file);
    expect({ decision: decision.outcome, matching_rule_ids: decision.matchingRuleIds }).toStrictEqual(expected);
  });

  test('are there', () => {
    expect(fixtures.length).toBeGreaterThan(20);
  });
});
