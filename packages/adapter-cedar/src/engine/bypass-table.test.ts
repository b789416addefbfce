import { beforeAll, describe, expect, test } from '@jest/globals';
import { shellFacts } from '../facts/shell-facts.ts';
import { bypasses, lookalikes, unresolved, workingDay } from './bypass-table.test-kit.ts';
import { type CedarPolicyEngine, loadCedarPolicyEngine } from './cedar-policy-engine.ts';
import { aCommand } from './policy-request.test-kit.ts';

const where = { workspaceDir: '/work/repo' };

// L32: prefix globs on the raw command were bypassed by each of these.
describe('bypass table of the hard rules', () => {
  let engine: CedarPolicyEngine;
  beforeAll(async () => {
    engine = await loadCedarPolicyEngine();
  });

  describe.each(Object.entries(bypasses))('%s', (ruleId, commands) => {
    test.each(commands)('denies %j', async (command) => {
      const decision = await engine.evaluate(aCommand(command));

      expect(decision).toMatchObject({
        outcome: 'deny',
        tier: 'hard',
        reason: expect.stringMatching(/^Hard-deny: [a-z_, ]+\. [A-Z]/),
        matchingRuleIds: expect.arrayContaining([ruleId]),
      });
    });
  });

  test.each(lookalikes)('allows the lookalike %j', async (command) => {
    const decision = await engine.evaluate(aCommand(command));

    expect(decision).toStrictEqual({ outcome: 'allow', matchingRuleIds: [] });
  });

  test.each(workingDay)('allows and resolves %j', async (command) => {
    const decision = await engine.evaluate(aCommand(command));

    expect(decision).toStrictEqual({ outcome: 'allow', matchingRuleIds: [] });
    expect(shellFacts(command, where).doubts).toStrictEqual([]);
  });

  test.each(unresolved)('allows %j in the hard tier, unresolved', async (command) => {
    const decision = await engine.evaluate(aCommand(command));

    expect(decision.outcome).toBe('allow');
    expect(shellFacts(command, where).parsed).toBe(false);
  });

  test.each(unresolved)('denies %j to a read-only task', async (command) => {
    const decision = await engine.evaluate(aCommand(command, { readOnly: true, taskType: 'pr_review' }));

    expect(decision).toMatchObject({ outcome: 'deny', matchingRuleIds: ['read_only_forbid_write'] });
  });

  test('is as wide as it is said to be', () => {
    expect(Object.values(bypasses).flat().length).toBeGreaterThanOrEqual(200);
    expect(lookalikes.length).toBeGreaterThanOrEqual(40);
    expect(workingDay.length).toBeGreaterThanOrEqual(40);
  });
});
