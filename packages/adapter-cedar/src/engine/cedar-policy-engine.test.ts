import { beforeAll, describe, expect, test } from '@jest/globals';
import type { PolicyEngine, PolicyRequest, RuleFindings } from '@abca/core';
import { aCommand, aRequest, loadEngine, outcomeOf } from './policy-request.test-kit.ts';

const review = { readOnly: true, taskType: 'pr_review' } as const;

describe('CedarPolicyEngine', () => {
  let engine: PolicyEngine;
  beforeAll(async () => {
    engine = await loadEngine();
  });

  const idsFor = async (request: PolicyRequest): Promise<readonly string[] | string> => {
    const { ids, failed } = outcomeOf(await engine.judge(request));
    return failed ?? (ids.length === 0 ? 'allow' : ids);
  };

  describe('rules', () => {
    test('lists the built-in rules of both tiers, sorted, each with what people need', () => {
      expect(
        engine.rules.map(({ ruleId, tier, severity, approvalTimeoutS }) => [ruleId, tier, severity, approvalTimeoutS]),
      ).toStrictEqual([
        ['drop_table', 'hard', 'high', undefined],
        ['force_push_any', 'soft', 'medium', 300],
        ['force_push_main', 'soft', 'high', 600],
        ['push_to_protected_branch', 'soft', 'medium', 300],
        ['read_only_forbid_edit', 'hard', 'high', undefined],
        ['read_only_forbid_write', 'hard', 'high', undefined],
        ['rm_slash', 'hard', 'high', undefined],
        ['unresolved_command', 'soft', 'medium', 300],
        ['write_credentials', 'soft', 'high', 300],
        ['write_env_files', 'soft', 'high', 600],
        ['write_git_internals', 'hard', 'high', undefined],
        ['write_git_internals_nested', 'hard', 'high', undefined],
      ]);
      expect(engine.rules.every(({ summary, category, source }) => summary && category && source)).toBe(true);
      expect(engine.warnings).toStrictEqual([]);
    });
  });

  describe('judge() of file tools', () => {
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
      ['Write', { content: 'x' }, 'the input of Write has no text in file_path'],
      ['NotebookEdit', { file_path: 'x' }, 'the input of NotebookEdit has no text in notebook_path'],
      ['Write', { file_path: ['.git/config'] }, 'the input of Write has no text in file_path'],
    ])('%s %j', async (toolName, input, expected) => {
      expect(await idsFor(aRequest({ toolName, input }))).toStrictEqual(expected);
    });
  });

  describe('judge() of a shell', () => {
    test.each([{}, { command: 1 }, { command: '' }, { command: ['rm'] }, null, 'rm -rf /', []])(
      'denies the unreadable input %j',
      async (input) => {
        expect(await idsFor(aRequest({ input }))).toBe('the input of Bash has no text in command');
      },
    );

    test('names all rules that matched, sorted, of both tiers', async () => {
      const command = "rm -rf / ; psql -c 'drop table x'; touch .git/x .env; git push -f origin x";

      expect(await idsFor(aCommand(command))).toStrictEqual([
        'drop_table',
        'force_push_any',
        'rm_slash',
        'write_env_files',
        'write_git_internals',
      ]);
    });

    test('says what was not resolved', async () => {
      expect(await engine.judge(aCommand('rm -rf "$SOMEWHERE"'))).toHaveProperty(
        'hint',
        'Parts of the command could not be resolved (path <unknown> of rm): write it with literal words.',
      );
      expect(await engine.judge(aCommand('ls'))).not.toHaveProperty('hint');
    });

    test('denies a command that writes more files than can be judged', async () => {
      const command = `touch ${Array.from({ length: 300 }, (_, index) => `f${String(index)}`).join(' ')}`;

      expect(await idsFor(aCommand(command))).toBe('the call writes too many files to judge; split it');
    });
  });

  describe('judge() of tools that are not known', () => {
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

  describe('judge() for a read-only task', () => {
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
      ['Bash', { command: 'git push origin HEAD' }, ['push_to_protected_branch', 'read_only_forbid_write']],
      ['Bash', { command: 'npx prettier --write .' }, ['read_only_forbid_write']],
      ['Bash', { command: 'curl x | sh' }, ['read_only_forbid_write', 'unresolved_command']],
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

  describe('judge() fails closed', () => {
    test('for a task type that the schema does not know', async () => {
      const request = aRequest({ taskType: 'other' as PolicyRequest['taskType'] });

      expect(await idsFor(request)).toMatch(/task type "other" is not known/);
    });

    test('for a request without its fields', async () => {
      expect(await idsFor({ toolName: 'Bash', input: { command: 'ls' } } as unknown as PolicyRequest)).toBe(
        'the task type undefined is not known',
      );
      expect(await idsFor(undefined as unknown as PolicyRequest)).toMatch(/undefined/);
    });

    test('for an input that throws when it is read', async () => {
      const input = {
        get command(): string {
          throw new Error('a trap');
        },
      };

      expect(await idsFor(aRequest({ input }))).toBe('a trap');
    });
  });

  describe('operator rules', () => {
    const noNpm =
      '@rule_id("no_npm") @tier("hard") @summary("Use pnpm.")\nforbid (principal, action == Agent::Action::"execute_bash", resource)\nwhen { context.shell.programs.contains("npm") };';

    test('match by facts of commands that are hidden in others', async () => {
      const strict = await loadEngine({ hard: noNpm });

      expect(outcomeOf(await strict.judge(aCommand("bash -c 'sudo npm ci'")))).toStrictEqual({
        decision: 'deny',
        ids: ['no_npm'],
      });
      expect(outcomeOf(await strict.judge(aCommand('echo npm')))).toStrictEqual({ decision: 'allow', ids: [] });
      expect(strict.rules.find(({ ruleId }) => ruleId === 'no_npm')).toStrictEqual({
        ruleId: 'no_npm',
        tier: 'hard',
        severity: 'medium',
        summary: 'Use pnpm.',
        source: 'operator hard policies',
      });
    });

    test('judge the files a command writes as those of a tool', async () => {
      const strict = await loadEngine({
        soft: '@rule_id("no_lock") @tier("soft") forbid (principal, action == Agent::Action::"write_file", resource) when { context.path.basename == "yarn.lock" };',
      });
      const calls = [
        aCommand('cp a yarn.lock'),
        aRequest({ toolName: 'Write', input: { file_path: 'sub/yarn.lock' } }),
      ];

      const outcomes = await Promise.all(calls.map(async (call) => outcomeOf(await strict.judge(call))));

      expect(outcomes.map(({ ids }) => ids)).toStrictEqual([['no_lock'], ['no_lock']]);
    });

    test('may read the raw command and path', async () => {
      const raw = await loadEngine({
        soft: '@rule_id("raw") @tier("soft") forbid (principal, action, resource) when { (context has command && context.command like "*x1*") || (context has file_path && context.file_path like "./*") };',
      });
      const outcomes = ['echo x1', 'echo x2', 'echo x1 '].map(async (command) =>
        outcomeOf(await raw.judge(aCommand(command))),
      );

      expect((await Promise.all(outcomes)).map(({ decision }) => decision)).toStrictEqual(['ask', 'allow', 'ask']);
      expect(
        outcomeOf(await raw.judge(aRequest({ toolName: 'Write', input: { file_path: './a' } }))).ids,
      ).toStrictEqual(['raw']);
      expect(outcomeOf(await raw.judge(aRequest({ toolName: 'Write', input: { file_path: 'a' } }))).ids).toStrictEqual(
        [],
      );
    });

    test('may read the context as a whole', async () => {
      const whole = await loadEngine({
        soft: '@rule_id("whole") @tier("soft") forbid (principal, action == Agent::Action::"write_file", resource) when { context.path == {repo_relative: "a/.env", basename: ".env", escapes_repo: false, kinds: ["env_file"]} };',
      });

      expect(outcomeOf(await whole.judge(aCommand('touch a/.env'))).ids).toStrictEqual(['whole', 'write_env_files']);
      expect(outcomeOf(await whole.judge(aCommand('touch b/.env'))).ids).toStrictEqual(['write_env_files']);
    });

    test('fail the call when a rule fails, whatever the others say, each time anew', async () => {
      const overflow =
        '@rule_id("overflow") @tier("hard") forbid (principal, action == Agent::Action::"invoke_tool", resource) when { 9223372036854775807 + (if context.tool_name == "Bash" then 1 else 0) == 0 };';
      const failing = await loadEngine({ hard: overflow });

      for (const command of ['ls', 'ls', 'rm -rf /']) {
        expect(outcomeOf(await failing.judge(aCommand(command))).failed).toMatch(/^rule overflow: /);
      }
      expect(outcomeOf(await failing.judge(aRequest({ toolName: 'Read' })))).toMatchObject({ decision: 'allow' });
    });
  });

  describe('judge() says', () => {
    const matchesOf = (findings: RuleFindings): unknown =>
      findings.kind === 'judged' && findings.matches.map(({ rule, subjects }) => [rule.ruleId, subjects]);

    test('on what each rule matched', async () => {
      const findings = await engine.judge(aCommand('git push origin main; touch .env src/.env.local'));

      expect(matchesOf(findings)).toStrictEqual([
        ['push_to_protected_branch', [{ kind: 'command' }]],
        [
          'write_env_files',
          [
            { kind: 'write', path: '.env' },
            { kind: 'write', path: 'src/.env.local' },
          ],
        ],
      ]);
    });

    test('that a rule matched on the call as such', async () => {
      const findings = await engine.judge(
        aRequest({ toolName: 'Write', input: { file_path: '/work/repo/a' }, readOnly: true }),
      );

      expect(matchesOf(findings)).toStrictEqual([
        ['read_only_forbid_write', [{ kind: 'call' }, { kind: 'write', path: 'a' }]],
      ]);
    });

    test('how a shell call was read', async () => {
      const findings = await engine.judge(aRequest({ input: { command: 'npm test > /tmp/o', description: 'x' } }));

      expect(findings).toMatchObject({
        kind: 'judged',
        matches: [],
        call: {
          input: { command: 'npm test > /tmp/o' },
          resolved: true,
          commands: ['npm test'],
          facts: {
            paths: [{ repo_relative: '../../tmp/o', basename: 'o', escapes_repo: true }],
            shell: { parsed: true, programs: ['npm'], git_push: { present: false }, writes_files: ['../../tmp/o'] },
          },
        },
      });
      expect(JSON.parse(JSON.stringify(findings))).toStrictEqual(findings);
      expect(findings).not.toHaveProperty('call.input.description');
      expect(findings).not.toHaveProperty('call.toolGroup');
    });

    test.each([
      ['Write', { file_path: 'a', content: 'secret' }, { file_path: 'a' }, 'file_write'],
      ['NotebookEdit', { notebook_path: 'a', new_source: 'x' }, { notebook_path: 'a' }, 'file_write'],
      ['mcp__fs__move_file', { source: 'a', destination: 'b', x: 1 }, { source: 'a', destination: 'b' }, 'file_write'],
      ['mcp__fs__write_files', { paths: ['a', 'b'] }, { paths: ['a', 'b'] }, 'file_write'],
      ['mcp__sh__run', { cmd: ['ls', '-l'], cwd: '/' }, { cmd: ['ls', '-l'] }, undefined],
      ['Read', { file_path: 'a' }, {}, undefined],
      ['WebFetch', { url: 'x' }, {}, undefined],
    ])('which input of %s it was asked about', async (toolName, input, read, toolGroup) => {
      const findings = await engine.judge(aRequest({ toolName, input }));

      const call = findings.kind === 'judged' ? findings.call : undefined;
      expect(call?.input).toStrictEqual(read);
      expect(call?.toolGroup).toBe(toolGroup);
      expect(call?.resolved).toBe(true);
    });
  });

  describe('protected branches of the request', () => {
    test('are asked about, others are not', async () => {
      const ids = async (branch: string): Promise<unknown> =>
        idsFor(aCommand(`git push -f origin ${branch}`, { protectedBranches: ['stable'] }));

      expect(await ids('stable')).toStrictEqual(['force_push_any', 'force_push_main', 'push_to_protected_branch']);
      expect(await ids('unstable')).toStrictEqual(['force_push_any']);
    });

    test.each([
      { protectedBranches: undefined },
      { protectedBranches: [1] },
      { repo: 1 },
      { readOnly: 'no' },
      { toolName: 1 },
    ])('and all else that rules read must be what it should be: %j', async (wrong) => {
      const request = aRequest(wrong as unknown as Partial<PolicyRequest>);

      expect(await engine.judge(request)).toMatchObject({
        kind: 'failed',
        what: expect.stringContaining('the request'),
      });
    });
  });
});
