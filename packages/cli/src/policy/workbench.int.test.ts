import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { cli, type RunOptions } from '../cli.test-kit.ts';
import type { EventView } from '../client/wire-types.ts';
import { FakeApi } from '../fake-api.test-kit.ts';

/** What the gate wrote of a task, by the built-in rules, with `rule:write_credentials` given in advance. */
const recorded = new URL('./recorded-task.ndjson', import.meta.url);
const recordedTask = '01KRECRDED0000000000000001';
const events = readFileSync(recorded, 'utf8')
  .split('\n')
  .filter(Boolean)
  .map((line) => JSON.parse(line) as EventView);

const askNpm = `@rule_id("ask_npm")
@tier("soft")
@severity("low")
@summary("npm runs scripts of others.")
forbid (principal, action == Agent::Action::"execute_bash", resource)
when { context.shell.programs.contains("npm") };
`;

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'abca-workbench-'));
  copyFileSync(recorded, join(folder, 'events.ndjson'));
  writeFileSync(join(folder, 'soft.cedar'), askNpm);
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

const bgagent = (args: readonly string[], options: RunOptions = {}): ReturnType<typeof cli> =>
  cli(args, { cwd: folder, ...options, env: { NO_COLOR: '1', ...options.env } });
const file = (name: string, text: string): void => {
  writeFileSync(join(folder, name), text);
};

describe('policy check', () => {
  test('names the rules that are found, and warns', async () => {
    file('short.cedar', askNpm.replace('ask_npm', 'short').replace('@severity("low")', '@approval_timeout_s("60")'));

    const people = await bgagent(['policy', 'check', 'soft.cedar', 'short.cedar'], { terminal: true });
    const program = await bgagent(['policy', 'check', 'soft.cedar']);

    expect(people).toMatchObject({ code: 0, stdout: expect.stringContaining('ask_npm  soft  low') });
    expect(people.stderr).toContain('warning: short.cedar, rule short, line 1: a person has 60 s to answer');
    expect(people.stderr).toContain('valid: 2 rules in 2 files\n');
    expect(program.stdout).toBe('ask_npm\tsoft\tlow\tnpm runs scripts of others.\n');
  });

  test('tells every problem with its rule, its line in its file, and the remedy', async () => {
    file(
      'bad.cedar',
      `${askNpm.replace('"low"', '"huge"')}\n${askNpm.replace('ask_npm', 'b').replace('"low"', '"x"')}`,
    );

    const people = await bgagent(['policy', 'check', 'soft.cedar', 'bad.cedar']);
    const program = await bgagent(['policy', 'check', 'soft.cedar', 'bad.cedar', '--json']);

    expect([people.code, program.code]).toStrictEqual([1, 1]);
    expect(people.stdout).toBe('');
    expect(people.stderr).toBe(
      [
        'error: 2 problems to correct',
        '  - bad.cedar, rule ask_npm, line 1: the severity is "huge"',
        '    it must be one of low, medium, high',
        '  - bad.cedar, rule b, line 8: the severity is "x"',
        '    it must be one of low, medium, high',
        '',
      ].join('\n'),
    );
    expect(JSON.parse(program.stdout)).toMatchObject({
      valid: false,
      problems: [
        { file: 'bad.cedar', rule_id: 'ask_npm', line: 1 },
        { rule_id: 'b', line: 8 },
      ],
    });
  });

  test('refuses what the platform refuses: another tier, a taken id, an unknown fact', async () => {
    file('taken.cedar', askNpm.replace('ask_npm', 'rm_slash'));
    file('facts.cedar', askNpm.replace('programs', 'nonsense'));
    const refusals = await Promise.all([
      bgagent(['policy', 'check', 'soft.cedar', '--tier', 'hard']),
      bgagent(['policy', 'check', 'taken.cedar']),
      bgagent(['policy', 'check', 'facts.cedar']),
    ]);

    expect(refusals.map(({ code }) => code)).toStrictEqual([1, 1, 1]);
    expect(refusals[0]?.stderr).toContain('soft.cedar, rule ask_npm, line 1');
    expect(refusals[1]?.stderr).toContain('taken by built-in hard policies');
    expect(refusals[2]?.stderr).toContain('nonsense');
  });
});

describe('policy test', () => {
  test('changes nothing by the rules that decided', async () => {
    const { code, stdout, stderr } = await bgagent(['policy', 'test', '--events', 'events.ndjson', '--exit-code']);

    expect({ code, stdout }).toStrictEqual({ code: 0, stdout: '' });
    expect(stderr).toMatchSnapshot();
  });

  test('shows what other rules would change', async () => {
    const args = ['policy', 'test', '--events', 'events.ndjson', '--soft', 'soft.cedar', '--disable', 'force_push_any'];
    const people = await bgagent([...args, '--exit-code'], { terminal: true, columns: 200 });
    const program = await bgagent(args);

    expect([people.code, program.code]).toStrictEqual([1, 0]);
    expect(people.stdout).toMatchSnapshot();
    expect(program.stdout.split('\n').map((row) => row.split('\t').slice(1))).toStrictEqual([
      ['8', 'Bash', 'npm test && git status', 'allow -> ask', 'ask_npm'],
      ['18', 'Bash', 'git push --force origin feature/discount', 'ask -> allow', 'not force_push_any'],
      ['22', 'Bash', 'git push --force origin feature/discount', 'ask -> allow', 'not force_push_any'],
      [],
    ]);
  });

  test('takes scopes in advance into account', async () => {
    const args = ['policy', 'test', '--events', 'events.ndjson', '--pre-approve', 'rule:write_env_files'];
    const { stdout } = await bgagent([...args, '--json', 'flips,tasks']);
    const refused = await bgagent([...args, '--pre-approve', 'this_call']);

    const { flips, tasks } = JSON.parse(stdout) as { flips: { seq: number }[]; tasks: unknown };
    expect(flips.map(({ seq }) => seq)).toStrictEqual([12, 16]);
    expect(tasks).toStrictEqual([{ task_id: recordedTask, calls: 9, asked: 2, asks_before: 4, asks_after: 2 }]);
    expect(refused.code).toBe(2);
  });

  test('reads an array, and says which policy or file is no good', async () => {
    file('events.json', JSON.stringify(events, undefined, 2));
    file('bad.cedar', askNpm.replace('"low"', '"huge"'));
    file('no.json', '{"seq": 1}');
    file('empty.json', '[]');

    const array = await bgagent(['policy', 'test', '--events', 'events.json', '--jq', '.totals.calls']);
    const policy = await bgagent(['policy', 'test', '--events', 'events.json', '--soft', 'bad.cedar']);
    const notEvents = await bgagent(['policy', 'test', '--events', 'no.json']);
    const empty = await bgagent(['policy', 'test', '--events', 'empty.json']);

    expect(array.stdout).toBe('9\n');
    expect([policy.code, notEvents.code, empty.code]).toStrictEqual([1, 1, 1]);
    expect(policy.stderr).toContain('  - bad.cedar, rule ask_npm, line 1: the severity is "huge"');
    expect(notEvents.stderr).toContain('no.json holds no events: an event has no task_id');
    expect(empty.stderr).toContain('no decision on a tool call is recorded in empty.json');
  });

  test('asks the platform for the events of a task and the policies of a repository', async () => {
    const api = await FakeApi.start();
    try {
      api.addTask({ task_id: recordedTask as never });
      api.events.set(recordedTask, [...events]);
      const repo = api.addRepo('acme/shop', '/srv/shop.git');
      api.repos.set('acme/shop', { ...repo, blueprint: { security: { cedar_policies: { soft: askNpm } } } });
      const platform = { env: { ABCA_URL: api.url, ABCA_TOKEN: api.token } };

      const args = ['policy', 'test', '--events', recordedTask, '--repo', 'acme/shop', '--jq', '.flips[].seq'];
      const changed = await bgagent(args, platform);
      const emptied = await bgagent([...args, '--soft', '-'], { ...platform, stdin: '' });

      expect([changed.stdout, emptied.stdout]).toStrictEqual(['8\n', '']);
    } finally {
      await api.close();
    }
  });
});

describe('policy explain', () => {
  test.each([4, 10, 12, 16, 18, 22, 24, 26, 28])('event %d', async (seq) => {
    const { code, stdout } = await bgagent(['policy', 'explain', '--events', 'events.ndjson', String(seq)]);

    expect(code).toBe(0);
    expect(stdout).toMatchSnapshot();
  });

  test('names the nearest decisions to an event that is none', async () => {
    const other = await bgagent(['policy', 'explain', '--events', 'events.ndjson', '21']);
    const none = await bgagent(['policy', 'explain', '--events', 'events.ndjson', '99', '--json']);

    expect([other.code, none.code]).toStrictEqual([1, 1]);
    expect(other.stderr).toBe(
      'error: event 21 is agent_tool_call, not a decision of the gate (NOT_A_DECISION)\nthe nearest decisions are: 18 (Bash), 22 (Bash), 24 (Write)\n',
    );
    expect(JSON.parse(none.stderr)).toMatchObject({ message: 'event 99 does not exist' });
  });

  test('gives JSON, and knows the rules of the platform', async () => {
    const api = await FakeApi.start();
    try {
      api.addTask({ task_id: recordedTask as never });
      api.events.set(recordedTask, [...events]);
      api.addRepo('acme/shop', '/srv/shop.git');
      const platform = { env: { ABCA_URL: api.url, ABCA_TOKEN: api.token } };

      const args = ['policy', 'explain', recordedTask, '18'];
      const json = await bgagent([...args, '--json', 'outcome,request,rules'], platform);
      api.repos.clear();
      const without = await bgagent([...args, '--jq', '.rules[0].source'], platform);

      expect(JSON.parse(json.stdout)).toStrictEqual({
        outcome: 'ask',
        request: { request_id: '01KREQ2', status: 'denied: push a new commit' },
        rules: api.rules.slice(0, 1),
      });
      expect(without.stdout).toBe('built-in soft policies\n');
    } finally {
      await api.close();
    }
  });

  test.each([[['12']], [['task', 'twelve']], [['--events', 'events.ndjson', 'task', '12']]])(
    'refuses %j',
    async (words) => {
      expect(await bgagent(['policy', 'explain', ...words])).toMatchObject({ code: 2 });
    },
  );
});
