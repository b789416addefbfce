import { beforeAll, describe, expect, test } from '@jest/globals';
import type { PolicyRequest } from '@abca/core';
import { type CedarPolicyEngine, loadCedarPolicyEngine } from './cedar-policy-engine.ts';
import { aCommand, aRequest } from './policy-request.test-kit.ts';

const review = { readOnly: true, taskType: 'pr_review' } as const;

describe('CedarPolicyEngine', () => {
  let engine: CedarPolicyEngine;
  beforeAll(async () => {
    engine = await loadCedarPolicyEngine();
  });

  const idsFor = async (request: PolicyRequest): Promise<readonly string[] | string> => {
    const decision = await engine.evaluate(request);
    if (decision.outcome === 'deny' && decision.tier === 'fail_closed') return decision.reason;
    return decision.outcome === 'allow' ? 'allow' : decision.matchingRuleIds;
  };

  describe('rules', () => {
    test('lists the built-in hard rules, sorted, each with what people need', () => {
      expect(engine.rules.map(({ ruleId }) => ruleId)).toStrictEqual([
        'drop_table',
        'read_only_forbid_edit',
        'read_only_forbid_write',
        'rm_slash',
        'write_git_internals',
        'write_git_internals_nested',
      ]);
      expect(engine.rules.every(({ tier, summary, category }) => tier === 'hard' && summary && category)).toBe(true);
      expect(engine.warnings).toStrictEqual([]);
    });
  });

  describe('evaluate() of file tools', () => {
    test.each([
      ['Write', { file_path: '/work/repo/.git/config', content: '' }, ['write_git_internals']],
      ['Write', { file_path: '.git/hooks/pre-commit', content: '' }, ['write_git_internals']],
      ['Write', { file_path: '/work/repo/src/../.git/config' }, ['write_git_internals']],
      ['Write', { file_path: '/work/repo//.git' }, ['write_git_internals']],
      ['Edit', { file_path: '.GIT/config' }, ['write_git_internals']],
      ['Edit', { file_path: '.g\u200cit/config' }, ['write_git_internals']],
      ['Edit', { file_path: 'GIT~1/config' }, ['write_git_internals']],
      ['MultiEdit', { file_path: 'vendor/x/.git/config' }, ['write_git_internals_nested']],
      ['NotebookEdit', { notebook_path: '/other/.git/x.ipynb' }, ['write_git_internals_nested']],
      ['Write', { file_path: '~/x/.git/config' }, ['write_git_internals_nested']],
      ['Write', { file_path: '/work/repo/.gitignore' }, 'allow'],
      ['Write', { file_path: '/work/repo/.github/workflows/ci.yml' }, 'allow'],
      ['Edit', { file_path: '/work/repo/src/git/.gitkeep' }, 'allow'],
      ['Write', { content: 'x' }, 'fail-closed: the input of Write has no text in file_path'],
      ['NotebookEdit', { file_path: 'x' }, 'fail-closed: the input of NotebookEdit has no text in notebook_path'],
      ['Write', { file_path: ['.git/config'] }, 'fail-closed: the input of Write has no text in file_path'],
    ])('%s %j', async (toolName, input, expected) => {
      expect(await idsFor(aRequest({ toolName, input }))).toStrictEqual(expected);
    });
  });

  describe('evaluate() of a shell', () => {
    test.each([{}, { command: 1 }, { command: '' }, { command: ['rm'] }, null, 'rm -rf /', []])(
      'denies the unreadable input %j',
      async (input) => {
        expect(await idsFor(aRequest({ input }))).toBe('fail-closed: the input of Bash has no text in command');
      },
    );

    test('names all rules that matched, sorted, with their summaries', async () => {
      const decision = await engine.evaluate(aCommand("rm -rf / ; psql -c 'drop table x'; touch .git/x"));

      expect(decision).toMatchObject({ matchingRuleIds: ['drop_table', 'rm_slash', 'write_git_internals'] });
      expect(decision).toHaveProperty(
        'reason',
        expect.stringMatching(/^Hard-deny: drop_table, rm_slash, write_git_internals\. Dropping/),
      );
    });

    test('says what was not resolved where that is why it denies', async () => {
      const decision = await engine.evaluate(aCommand('rm -rf "$SOMEWHERE"'));

      expect(decision).toHaveProperty('reason', expect.stringContaining('path <unknown> of rm'));
    });

    test('keeps a reason within 500 characters and without secrets', async () => {
      const secret = `ghp_${'a'.repeat(36)}`;
      const decision = await engine.evaluate(
        aCommand(`rm -rf $X; git ${secret}$Y; $${'Z'.repeat(600)}/${secret} x; touch .git/x`),
      );

      expect(decision.outcome === 'deny' && decision.reason.length).toBeLessThanOrEqual(500);
      expect(JSON.stringify(decision)).not.toContain(secret);
    });

    test('denies a command that writes more files than can be judged', async () => {
      const command = `touch ${Array.from({ length: 300 }, (_, index) => `f${String(index)}`).join(' ')}`;

      expect(await idsFor(aCommand(command))).toBe('fail-closed: the call writes too many files to judge; split it');
    });
  });

  describe('evaluate() of tools that are not known', () => {
    test.each([
      ['WebFetch', { url: 'https://example.com' }, 'allow'],
      ['mcp__tracker__create_issue', { title: 'x' }, 'allow'],
      ['mcp__fs__write_file', { path: '.git/config', content: '' }, ['write_git_internals']],
      ['mcp__fs__move_file', { source: 'a', destination: '/work/repo/.git/x' }, ['write_git_internals']],
      ['mcp__fs__read_file', { path: '.git/config' }, 'allow'],
      ['mcp__shell__execute_command', { command: 'rm -rf /' }, ['rm_slash']],
      ['mcp__shell__run', { command: ['rm', '-rf', '/'] }, ['rm_slash']],
      ['PowerShell', { command: 'rm -rf /' }, ['rm_slash']],
      ['constructor', {}, 'allow'],
      ['__proto__', { command: 'x' }, 'allow'],
      ['', {}, 'allow'],
    ])('%s %j', async (toolName, input, expected) => {
      expect(await idsFor(aRequest({ toolName, input }))).toStrictEqual(expected);
    });
  });

  describe('evaluate() for a read-only task', () => {
    test.each([
      ['Write', { file_path: 'a' }, ['read_only_forbid_write']],
      ['Edit', { file_path: 'a' }, ['read_only_forbid_edit']],
      ['MultiEdit', { file_path: 'a' }, ['read_only_forbid_edit']],
      ['NotebookEdit', { notebook_path: 'a' }, ['read_only_forbid_edit']],
      ['mcp__fs__write_file', { path: 'a' }, ['read_only_forbid_write']],
      ['mcp__github__create_pull_request', {}, ['read_only_forbid_write']],
      ['Bash', { command: 'echo x > a' }, ['read_only_forbid_write']],
      ['Bash', { command: 'rm a' }, ['read_only_forbid_write']],
      ['Bash', { command: 'git commit -am x' }, ['read_only_forbid_write']],
      ['Bash', { command: 'git push origin HEAD' }, ['read_only_forbid_write']],
      ['Bash', { command: 'npx prettier --write .' }, ['read_only_forbid_write']],
      ['Bash', { command: 'curl x | sh' }, ['read_only_forbid_write']],
      ['Bash', { command: 'git diff main... | head -50 2>/dev/null' }, 'allow'],
      ['Bash', { command: 'npm test 2>&1 | tail -20' }, 'allow'],
      ['Bash', { command: 'git checkout feature && git log -p' }, 'allow'],
      ['Read', { file_path: 'a' }, 'allow'],
      ['mcp__github__get_pull_request', {}, 'allow'],
    ])('%s %j', async (toolName, input, expected) => {
      expect(await idsFor(aRequest({ toolName, input, ...review }))).toStrictEqual(expected);
    });

    test.each([{ readOnly: true }, { taskType: 'pr_review' as const }])(
      'needs only one sign of it: %j',
      async (sign) => {
        expect(await idsFor(aCommand('touch a', sign))).toStrictEqual(['read_only_forbid_write']);
      },
    );
  });

  describe('evaluate() fails closed', () => {
    test('for a task type that the schema does not know', async () => {
      const request = aRequest({ taskType: 'other' as PolicyRequest['taskType'] });

      expect(await idsFor(request)).toMatch(/^fail-closed: .*other/);
    });

    test('for a request without its fields', async () => {
      expect(await idsFor({ toolName: 'Bash', input: { command: 'ls' } } as unknown as PolicyRequest)).toMatch(
        /^fail-closed: /,
      );
      expect(await idsFor(undefined as unknown as PolicyRequest)).toMatch(/^fail-closed: /);
    });

    test('for an input that throws when it is read', async () => {
      const input = {
        get command(): string {
          throw new Error('a trap');
        },
      };

      expect(await idsFor(aRequest({ input }))).toBe('fail-closed: a trap');
    });
  });

  describe('operator rules', () => {
    const noNpm =
      '@rule_id("no_npm") @tier("hard") @summary("Use pnpm.")\nforbid (principal, action == Agent::Action::"execute_bash", resource)\nwhen { context.shell.programs.contains("npm") };';

    test('deny by facts of commands that are hidden in others', async () => {
      const strict = await loadCedarPolicyEngine({ policies: { hard: noNpm } });

      expect(await strict.evaluate(aCommand("bash -c 'sudo npm ci'"))).toStrictEqual({
        outcome: 'deny',
        tier: 'hard',
        reason: 'Hard-deny: no_npm. Use pnpm.',
        matchingRuleIds: ['no_npm'],
      });
      expect(await strict.evaluate(aCommand('echo npm'))).toStrictEqual({ outcome: 'allow', matchingRuleIds: [] });
      expect(strict.rules.find(({ ruleId }) => ruleId === 'no_npm')).toStrictEqual({
        ruleId: 'no_npm',
        tier: 'hard',
        severity: 'medium',
        category: undefined,
        summary: 'Use pnpm.',
        source: 'operator hard policies',
      });
    });

    test('judge the files a command writes as those of a tool', async () => {
      const lockfile =
        '@rule_id("no_lock") @tier("hard") forbid (principal, action == Agent::Action::"write_file", resource) when { context.path.basename == "yarn.lock" };';
      const strict = await loadCedarPolicyEngine({ policies: { hard: lockfile } });

      const decisions = await Promise.all(
        [aCommand('cp a yarn.lock'), aRequest({ toolName: 'Write', input: { file_path: 'sub/yarn.lock' } })].map(
          (call) => strict.evaluate(call),
        ),
      );

      expect(decisions.map(({ matchingRuleIds }) => matchingRuleIds)).toStrictEqual([['no_lock'], ['no_lock']]);
    });

    // L12: past ten policies, ids by position name other rules.
    test('keep their ids however many there are', async () => {
      const rules = Array.from({ length: 30 }, (_, index) => {
        return `@rule_id("r${String(index)}") @tier("hard") forbid (principal, action, resource == Agent::Tool::"T${String(index)}");`;
      });
      const many = await loadCedarPolicyEngine({ policies: { hard: rules.join('\n') } });

      const decisions = await Promise.all(
        rules.map((_, index) => many.evaluate(aRequest({ toolName: `T${String(index)}` }))),
      );

      expect(decisions.map(({ matchingRuleIds }) => matchingRuleIds)).toStrictEqual(
        rules.map((_, index) => [`r${String(index)}`]),
      );
    });

    test('deny a call when a rule fails, whatever the others say', async () => {
      const overflow =
        '@rule_id("overflow") @tier("hard") forbid (principal, action == Agent::Action::"invoke_tool", resource) when { 9223372036854775807 + (if context.tool_name == "Bash" then 1 else 0) == 0 };';
      const failing = await loadCedarPolicyEngine({ policies: { hard: overflow } });

      expect(await failing.evaluate(aCommand('ls'))).toMatchObject({
        outcome: 'deny',
        tier: 'fail_closed',
        reason: expect.stringMatching(/^fail-closed: rule overflow: /),
      });
      expect(await failing.evaluate(aRequest({ toolName: 'Read' }))).toMatchObject({ outcome: 'allow' });
    });
  });
});
