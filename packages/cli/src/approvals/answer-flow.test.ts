import { describe, expect, test } from '@jest/globals';
import { nextStep, questionText, type Step } from './answer-flow.ts';

const pending = { suggested_scopes: ['this_call', 'rule:force_push_any', 'all_session'] };
const choose = { kind: 'choose' } as const;
const scope = { kind: 'scope' } as const;
const ask = (step: Step, note?: string): unknown => ({ kind: 'ask', step, ...(note !== undefined && { note }) });
const approve = (given: string): unknown => ({ kind: 'send', answer: { kind: 'approve', scope: given } });
const deny = (reason?: string): unknown => ({
  kind: 'send',
  answer: { kind: 'deny', ...(reason !== undefined && { reason }) },
});

describe('nextStep()', () => {
  test.each<[step: Step, line: string, next: unknown]>([
    [choose, 'y', approve('this_call')],
    [choose, ' YES ', approve('this_call')],
    [choose, 'n', ask({ kind: 'reason' })],
    [choose, 's', ask(scope)],
    [choose, '', { kind: 'later' }],
    [choose, 'l', { kind: 'later' }],
    [choose, 'yy', ask(choose, 'answer y, n, s or l')],
    [choose, 'all_session', ask(choose, 'answer y, n, s or l')],
    [{ kind: 'reason' }, '', deny()],
    [{ kind: 'reason' }, '  ', deny()],
    [{ kind: 'reason' }, ' not on main ', deny('not on main')],
    [{ kind: 'reason' }, 'y', deny('y')],
    [scope, '2', approve('rule:force_push_any')],
    [scope, '0', ask(scope, 'there is no scope 0; 1 to 3')],
    [scope, '4', ask(scope, 'there is no scope 4; 1 to 3')],
    [scope, 'tool_type:Bash', approve('tool_type:Bash')],
    [scope, '', ask(choose)],
    [scope, '3', ask({ kind: 'confirm', scope: 'all_session' })],
    [scope, 'all_session', ask({ kind: 'confirm', scope: 'all_session' })],
    [{ kind: 'confirm', scope: 'all_session' }, 'yes', approve('all_session')],
    [{ kind: 'confirm', scope: 'all_session' }, 'y', ask(choose, 'nothing was permitted')],
    [{ kind: 'confirm', scope: 'all_session' }, '', ask(choose, 'nothing was permitted')],
  ])('%j and %j', (step, line, next) => {
    expect(nextStep(step, line, pending)).toStrictEqual(next);
  });
});

describe('questionText()', () => {
  test.each<Step>([choose, { kind: 'reason' }, scope, { kind: 'confirm', scope: 'all_session' }])(
    'of %j ends in the time that is left',
    (step) => {
      expect(questionText(step, '4m 12s left')).toMatch(/ \(4m 12s left\) $/);
    },
  );
});
