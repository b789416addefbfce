import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { PolicyEngine, RuleFindings } from '@abca/core';
import { shellFacts } from '../facts/shell-facts.ts';
import { aCommand, idsOf, loadEngine, outcomeOf } from './policy-request.test-kit.ts';
import { asked, askedExactly, denied, lookalikes, ordinary, protectedBranches } from './tables/index.test-kit.ts';

const where = { workspaceDir: '/work/repo' };
const commandsOf = (table: Readonly<Record<string, readonly string[]>>): readonly string[] =>
  Object.values(table).flat();

// L32: prefix globs on the raw command were bypassed by each of these.
describe('bypass table', () => {
  let engine: PolicyEngine;
  let prompts = 0;
  beforeAll(async () => {
    engine = await loadEngine();
  });
  afterAll(() => {
    const [hard, soft] = [commandsOf(denied).length, commandsOf(askedExactly).length + commandsOf(asked).length];
    process.stdout.write(
      `bypass table: ${String(hard + soft)} commands, ${String(hard)} hard, ${String(soft)} asked; ` +
        `lookalikes: ${String(lookalikes.length)}; ordinary commands: ${String(ordinary.length)}, ${String(prompts)} prompts\n`,
    );
  });

  const judge = (command: string): Promise<RuleFindings> => engine.judge(aCommand(command, { protectedBranches }));

  describe.each(Object.entries(denied))('%s', (ruleId, commands) => {
    test.each(commands)('denies %j', async (command) => {
      expect(idsOf(await judge(command), 'hard')).toContain(ruleId);
    });
  });

  describe.each(Object.entries(askedExactly))('%s', (ids, commands) => {
    test.each(commands)('asks about %j', async (command) => {
      expect(outcomeOf(await judge(command))).toStrictEqual({ decision: 'ask', ids: ids.split(', ') });
    });
  });

  describe.each(Object.entries(asked))('%s, among others,', (ruleId, commands) => {
    test.each(commands)('asks about %j', async (command) => {
      const outcome = outcomeOf(await judge(command));

      expect(outcome).toMatchObject({ decision: 'ask', ids: expect.arrayContaining([ruleId]) });
    });
  });

  test.each(lookalikes)('is not taken in by the lookalike %j', async (command) => {
    expect(outcomeOf(await judge(command))).toStrictEqual({ decision: 'allow', ids: [] });
  });

  test.each(ordinary)('lets through %j, resolved', async (command) => {
    const outcome = outcomeOf(await judge(command));
    if (outcome.decision !== 'allow') prompts++;

    expect(outcome).toStrictEqual({ decision: 'allow', ids: [] });
    expect(shellFacts(command, where).doubts).toStrictEqual([]);
  });

  test.each(askedExactly['unresolved_command'] ?? [])('says what of %j was not resolved', async (command) => {
    expect(await judge(command)).toMatchObject({
      call: { resolved: false },
      hint: expect.stringMatching(
        /^Parts of the command could not be resolved \(.+\): write it with literal words\.$/s,
      ),
    });
  });

  test.each(askedExactly['unresolved_command'] ?? [])('denies %j to a read-only task', async (command) => {
    const findings = await engine.judge(aCommand(command, { readOnly: true, taskType: 'pr_review' }));

    expect(idsOf(findings, 'hard')).toStrictEqual(['read_only_forbid_write']);
  });

  test('is as wide as it is said to be, and says nothing twice', () => {
    const bypasses = [denied, askedExactly, asked].flatMap(commandsOf);

    expect(commandsOf(denied).length).toBeGreaterThanOrEqual(290);
    expect(commandsOf(askedExactly).length + commandsOf(asked).length).toBeGreaterThanOrEqual(500);
    expect(lookalikes.length).toBeGreaterThanOrEqual(150);
    expect(ordinary.length).toBeGreaterThanOrEqual(500);
    expect(new Set(bypasses).size).toBe(bypasses.length);
    expect(new Set(ordinary).size).toBe(ordinary.length);
  });
});
