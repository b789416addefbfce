import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { cedarPoliciesSchema, taskTypes } from '@abca/core';
import * as z from 'zod';
import { aRequest, loadEngine, outcomeOf } from './policy-request.test-kit.ts';

const folder = new URL('../../../../contracts/cedar-parity/', import.meta.url);

const fixtureSchema = z.strictObject({
  name: z.string(),
  description: z.string(),
  policies: z.strictObject({
    hard: z.string().optional(),
    soft: z.string().optional(),
    disable: z.array(z.string()).optional(),
  }),
  input: z.strictObject({
    tool_name: z.string(),
    tool_input: z.unknown(),
    task_type: z.enum(taskTypes),
    repo: z.string(),
    read_only: z.boolean(),
    workspace_dir: z.string(),
    protected_branches: z.array(z.string()).default([]),
  }),
  expected: z.strictObject({ decision: z.enum(['allow', 'ask', 'deny']), matching_rule_ids: z.array(z.string()) }),
});

const fixtures = readdirSync(folder)
  .filter((file) => file.endsWith('.json'))
  .map((file) => [file, fixtureSchema.parse(JSON.parse(readFileSync(new URL(file, folder), 'utf8')))] as const);

describe('golden fixtures in contracts/cedar-parity', () => {
  test.each(fixtures)('%s', async (file, { name, policies, input, expected }) => {
    const engine = await loadEngine(cedarPoliciesSchema.parse(policies));

    const findings = await engine.judge(
      aRequest({
        toolName: input.tool_name,
        input: input.tool_input,
        taskType: input.task_type,
        readOnly: input.read_only,
        workspaceDir: input.workspace_dir,
        protectedBranches: input.protected_branches,
      }),
    );

    expect(`${name}.json`).toBe(file);
    const { decision, ids } = outcomeOf(findings);
    expect({ decision, matching_rule_ids: ids }).toStrictEqual(expected);
  });

  test('are there', () => {
    expect(fixtures.length).toBeGreaterThan(40);
  });
});
