import { describe, expect, test } from '@jest/globals';
import { aReceipt, aTask, isoAt } from '../fake-api.test-kit.ts';
import { plainText } from './line.ts';
import type { Remote } from './look-command.ts';
import { receiptLines } from './receipt-lines.ts';
import { taskLines } from './task-lines.ts';

const usage = { turns: 1, cost_usd: 1.5, input_tokens: 1_000, output_tokens: 2, model: 'claude-x' };
const bare: Remote = { kind: 'bare', path: "/srv/my repo's/demo.git" };
const text = (lines: ReturnType<typeof receiptLines>): string => lines.map(plainText).join('\n');
const ended = { ended_at: isoAt(125_000), usage };

describe('receiptLines()', () => {
  test('tells of work that was delivered', () => {
    const task = aTask({ ...ended, status: 'COMPLETED', receipt: aReceipt(), summary: 'Fixed it.\nAll pass.' });

    expect(text(receiptLines(task, bare))).toMatchSnapshot();
  });

  test('tells of work that was only saved, and how to look at it', () => {
    const failure = { code: 'PUSH_REJECTED', message: 'a hook declined' } as const;
    const receipt = aReceipt({ outcome: 'work_saved', wip_ref: 'refs/abca/1/wip', wip_sha: 'e'.repeat(40) });

    expect(text(receiptLines(aTask({ ...ended, status: 'FAILED', failure, receipt }), bare))).toMatchSnapshot();
  });

  test('lists what the policy had a say in, and how many calls it let through', () => {
    const named = (outcome: string, call: string, more: object = {}) => ({
      outcome,
      tool: 'Bash',
      call,
      rule_ids: ['r1'],
      ...more,
    });
    const gate = {
      calls: 40,
      counts: [
        { outcome: 'hard_denied', count: 1 },
        { outcome: 'approved', count: 24 },
      ],
      named: [
        named('hard_denied', 'rm -rf /'),
        named('approved', 'git push', { scope: 'this_call' }),
        named('denied', 'a\nb', { reason: 'not now' }),
        named('timed_out', 'x'),
        named('permitted', 'x', { scope: 'rule:r1' }),
        named('refused', 'x'),
        named('stranded', 'x', { rule_ids: [] }),
      ],
    };

    const task = aTask({ ...ended, status: 'COMPLETED', receipt: aReceipt({ gate: gate as never }) });

    expect(text(receiptLines(task))).toMatchSnapshot();
  });

  test('tells of a task without a receipt', () => {
    const task = aTask({ status: 'CANCELLED', ended_at: isoAt(1_000) });

    expect(text(receiptLines(task))).toBe('CANCELLED in 1.0s');
  });

  test.each(['no_changes', 'not_delivered'] as const)('offers nothing to look at when it is %s', (outcome) => {
    const { head_sha: _, ...rest } = aReceipt({ outcome, why: 'nothing was pushed' });

    const shown = text(receiptLines(aTask({ ...ended, status: 'FAILED', receipt: rest }), bare));

    expect(shown).not.toContain('Look at it');
    expect(shown).toContain('  missing   nothing was pushed');
  });
});

describe('taskLines()', () => {
  test('tells where a task stands', () => {
    const task = aTask({
      max_turns: 100,
      max_budget_usd: 10,
      session: { id: 's-1', compute_type: 'local' },
      branch: 'abca/x',
    });

    expect(text(taskLines(task, Date.parse(isoAt(7_200_000))))).toMatchSnapshot();
  });
});
