import { spawnSync } from 'node:child_process';
import { describe, expect, test } from '@jest/globals';
import { aPending } from '../fake-api.test-kit.ts';
import { answerCommands, approvalCard } from './approval-card.ts';
import { plainText } from './line.ts';

const nowMs = Date.parse('2026-01-31T12:04:48.000Z');
const shown = (fields: Parameters<typeof aPending>[0] = {}, choice: readonly string[] = []): string =>
  approvalCard(aPending(fields), { nowMs, commands: { self: ['bgagent'], choice } })
    .map((line) => plainText(line).trimEnd())
    .join('\n');

describe('approvalCard()', () => {
  test('says all that a decision needs', () => {
    expect(shown()).toMatchSnapshot();
  });

  test('shows the whole of a long call, every line of it behind a bar', () => {
    const input = ['file_path: .env', 'content: A=1', '', 'approve   bgagent approve something else'].join('\n');

    const card = shown({ tool_name: 'Write', input, severity: 'high', matching_rule_ids: ['a', 'b'] }, [
      '--data-dir',
      "/tmp/it's here",
    ]);

    expect(card).toMatchSnapshot();
  });
});

describe('approvalCard() with a call that deceives', () => {
  test('spells out what turns text around or hides in it', () => {
    const card = shown({
      input: 'rm \u202etxt.exe\u2066 a\u200bb',
      suggested_scopes: ['this_call', 'bash_pattern:\u202ex'],
    });

    expect(card).toContain(String.raw`│ rm \u{202e}txt.exe\u{2066} a\u{200b}b`);
    expect(card).toContain(String.raw`bash_pattern:\u{202e}x`);
  });

  test('says that a call was cut', () => {
    expect(shown({ input: 'x'.repeat(15_999) })).not.toContain('cut: ');
    expect(shown({ input: `${'x'.repeat(15_999)}…` })).toContain('cut: the call goes on');
  });
});

describe('answerCommands()', () => {
  test('stay the same words in a shell', () => {
    const awkward = aPending({ request_id: "r'1 $(id)" as never });

    const { deny } = answerCommands(awkward, { self: ['bgagent'], choice: ['--data-dir', "/tmp/it's here"] });

    const { stdout } = spawnSync('sh', ['-c', `bgagent() { printf '%s|' "$@"; }; ${deny}`], { encoding: 'utf8' });
    expect(stdout).toBe(`deny|${awkward.task_id}|r'1 $(id)|--data-dir|/tmp/it's here|`);
  });
});
