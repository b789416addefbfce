import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { cli, type RunOptions } from '../cli.test-kit.ts';
import { FakeApi } from '../fake-api.test-kit.ts';

let api: FakeApi;
let folder: string;

beforeEach(async () => {
  api = await FakeApi.start();
  api.addRepo('acme/shop', '/srv/shop.git');
  folder = mkdtempSync(join(tmpdir(), 'abca-policies-'));
});
afterEach(async () => {
  await api.close();
  rmSync(folder, { recursive: true });
});

const known = (options: RunOptions = {}): RunOptions => ({
  cwd: folder,
  ...options,
  env: { ABCA_URL: api.url, ABCA_TOKEN: api.token, NO_COLOR: '1', ...options.env },
});
const security = (): unknown => api.repos.get('acme/shop')?.blueprint.security;

describe('policies', () => {
  test('lists rules for people and for programs, those of one tier too', async () => {
    const people = await cli(['policies', 'list', '--repo', 'acme/shop'], known({ terminal: true }));
    const soft = await cli(['policies', 'ls', '--repo', 'acme/shop', '--tier', 'soft'], known());
    const json = await cli(['policies', 'list', '--repo', 'acme/shop', '--jq', '.[].rule_id'], known());

    expect(people.stdout.split('\n').map((line) => line.trimEnd())).toStrictEqual([
      'RULE            TIER  SEVERITY  WAITS  SOURCE',
      'force_push_any  soft  medium    300 s  built-in soft policies',
      'rm_slash        hard  high      300 s  built-in hard policies',
      '',
    ]);
    expect(soft.stdout).toBe(
      'force_push_any\tsoft\tmedium\t300 s\tbuilt-in soft policies\tA force push rewrites history that others may have.\n',
    );
    expect(json.stdout).toBe('force_push_any\nrm_slash\n');
  });

  test('shows one rule, and says when there is none', async () => {
    const shown = await cli(['policies', 'show', '--repo', 'acme/shop', '--rule', 'force_push_any'], known());
    const none = await cli(['policies', 'show', '--repo', 'acme/shop', '--rule', 'x', '--json'], known());

    expect(shown.stdout).toBe(
      [
        'force_push_any',
        '  tier      soft: a person is asked',
        '  severity  medium',
        '  waits     300 s for an answer',
        '  category  git',
        '  summary   A force push rewrites history that others may have.',
        '  source    built-in soft policies',
        '',
      ].join('\n'),
    );
    expect(none.code).toBe(1);
    expect(JSON.parse(none.stderr)).toStrictEqual({
      code: 'RULE_NOT_FOUND',
      message: 'x is not a rule of acme/shop',
      suggestion: 'list its rules with: bgagent policies list --repo acme/shop',
    });
  });
});

describe('repo policy', () => {
  test('sets what is named, keeps the rest, and shows it', async () => {
    writeFileSync(join(folder, 'hard.cedar'), '// hard\n');
    const first = ['--hard', 'hard.cedar', '--disable', 'force_push_any,x', '--gate-cap', '5'];
    await cli(['repo', 'policy', 'set', 'acme/shop', ...first], known());
    const set = await cli(
      ['repo', 'policy', 'set', 'acme/shop', '--soft', '-', '--max-pre-approval-scope', 'rule'],
      known({ stdin: '// soft\n' }),
    );
    const shown = await cli(['repo', 'policy', 'show', 'acme/shop'], known());
    const json = await cli(['repo', 'policy', 'show', 'acme/shop', '--json'], known());

    expect(set).toMatchObject({ code: 0, stdout: 'acme/shop\n' });
    expect(JSON.parse(json.stdout)).toStrictEqual({
      cedar_policies: { hard: '// hard\n', soft: '// soft\n', disable: ['force_push_any', 'x'] },
      approval_gate_cap: 5,
      max_pre_approval_scope: 'rule',
    });
    expect(shown.stdout).toBe(
      [
        'acme/shop',
        '  gate cap  5 approvals a task',
        '  widest    rule may be given in advance',
        '  disabled  force_push_any, x',
        '',
        '// hard',
        '// hard',
        '',
        '// soft',
        '// soft',
        '',
      ].join('\n'),
    );
  });

  test('removes a tier by an empty file, and everything by --clear', async () => {
    await cli(['repo', 'policy', 'set', 'acme/shop', '--hard', '-', '--gate-cap', '5'], known({ stdin: '// x' }));
    await cli(['repo', 'policy', 'set', 'acme/shop', '--hard', '-'], known({ stdin: ' \n' }));
    expect(security()).toStrictEqual({ approval_gate_cap: 5 });

    await cli(['repo', 'policy', 'set', 'acme/shop', '--clear', '--disable', 'a'], known());
    expect(security()).toStrictEqual({ cedar_policies: { disable: ['a'] } });
  });

  test('empties the list of disabled rules, and writes nothing back that the platform hid', async () => {
    const set = (...args: string[]): ReturnType<typeof cli> =>
      cli(['repo', 'policy', 'set', 'acme/shop', ...args], known({ stdin: '// token [REDACTED-GITHUB]' }));
    await set('--disable', 'a', '--gate-cap', '5');
    await set('--disable', '');
    expect(security()).toStrictEqual({ approval_gate_cap: 5 });

    const hidden = await set('--soft', '-');

    expect(hidden.code).toBe(1);
    expect(hidden.stderr).toContain('the soft rules hold something that was hidden as a secret');
    expect(security()).toStrictEqual({ approval_gate_cap: 5 });
  });

  test('tells every problem on a line of its own', async () => {
    api.policyProblems = [
      'operator soft policies, rule a, line 3: @severity must be low, medium or high; write one of them',
      'disable: there is no rule b; soft rules are: force_push_any',
    ];
    const people = await cli(['repo', 'policy', 'set', 'acme/shop', '--gate-cap', '5'], known());
    const program = await cli(['repo', 'policy', 'set', 'acme/shop', '--gate-cap', '5', '--json'], known());

    expect([people.code, program.code]).toStrictEqual([1, 1]);
    expect(people.stderr).toBe(
      [
        'error: the policies cannot be used (POLICY_INVALID)',
        ...api.policyProblems.map((problem) => `  - ${problem}`),
        'correct them and try them out with: bgagent policy check <file>',
        '',
      ].join('\n'),
    );
    expect(JSON.parse(program.stderr)).toMatchObject({ code: 'POLICY_INVALID', problems: api.policyProblems });
    expect(security()).toBeUndefined();
  });

  test('stays when the repository is added again', async () => {
    await cli(['repo', 'policy', 'set', 'acme/shop', '--gate-cap', '5'], known());

    await cli(['repo', 'add', 'https://example.com/acme/shop.git', '--max-turns', '9'], known());

    expect(api.repos.get('acme/shop')?.blueprint).toStrictEqual({ max_turns: 9, security: { approval_gate_cap: 5 } });
  });

  test('needs something to change', async () => {
    const { code, stderr } = await cli(['repo', 'policy', 'set', 'acme/shop'], known());

    expect(code).toBe(2);
    expect(stderr).toContain('nothing to change is named');
  });
});
