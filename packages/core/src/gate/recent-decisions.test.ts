import { describe, expect, test } from '@jest/globals';
import { limits } from '../limits.ts';
import { aRequestId, testEpochMs } from '../testing/builders.ts';
import {
  describeRecent,
  findDenialOfRules,
  findOnCall,
  rememberDecision,
  type RecentDecision,
  type RecentDecisions,
} from './recent-decisions.ts';

const nowMs = testEpochMs;
const { keptMs, entries } = limits.recentDecisions;

function aDecision(fields: Partial<RecentDecision> = {}): RecentDecision {
  return {
    toolName: 'Bash',
    inputSha256: 'a'.repeat(64),
    status: 'DENIED',
    reason: 'no',
    requestId: aRequestId(),
    ruleIds: ['r1'],
    atMs: nowMs,
    ...fields,
  };
}

describe('rememberDecision()', () => {
  test('puts the latest first', () => {
    const [first, second] = [aDecision({ inputSha256: '1' }), aDecision({ inputSha256: '2' })];

    expect([first, second].reduce(rememberDecision, [])).toStrictEqual([second, first]);
  });

  test('a decision takes the place of an older one on the same call, and of no other', () => {
    const old = aDecision({ status: 'TIMED_OUT' });
    const [otherTool, otherInput] = [aDecision({ toolName: 'Edit' }), aDecision({ inputSha256: 'b' })];
    const latest = aDecision({ reason: 'still no' });

    const recent = [old, otherTool, otherInput, latest].reduce(rememberDecision, [] as RecentDecisions);

    expect(recent).toStrictEqual([latest, otherInput, otherTool]);
  });

  test('keeps 50, the latest', () => {
    const decisions = Array.from({ length: entries + 2 }, (_, index) => aDecision({ inputSha256: String(index) }));

    const recent = decisions.reduce(rememberDecision, [] as RecentDecisions);

    expect(recent).toHaveLength(50);
    expect(recent.map(({ inputSha256 }) => inputSha256)).not.toContain('1');
    expect(recent.at(-1)).toStrictEqual(decisions[2]);
  });
});

describe('findOnCall()', () => {
  const decision = aDecision();

  test.each([
    ['at once', 0, true],
    ['just before its end', keptMs - 1, true],
    ['at its end', keptMs, false],
  ])('finds a decision on the call %s', (_when, laterMs, found) => {
    expect(findOnCall([decision], decision, nowMs + laterMs)).toBe(found ? decision : undefined);
  });

  test('another tool or other arguments are another call', () => {
    expect(findOnCall([decision], { ...decision, toolName: 'Edit' }, nowMs)).toBeUndefined();
    expect(findOnCall([decision], { ...decision, inputSha256: 'b' }, nowMs)).toBeUndefined();
  });
});

describe('findDenialOfRules()', () => {
  const denial = aDecision({ ruleIds: ['r1', 'r2'] });

  const timedOut: RecentDecision = { ...denial, status: 'TIMED_OUT' };

  test.each([
    { what: 'of one rule of several', ruleIds: ['r3', 'r2'], found: true },
    { what: 'that is almost a minute old', laterMs: keptMs - 1, found: true },
    { what: 'that is a minute old', laterMs: keptMs, found: false },
    { what: 'of another rule', ruleIds: ['r3'], found: false },
    { what: 'of no rule', ruleIds: [], found: false },
    { what: 'that is none, nobody having answered', decision: timedOut, found: false },
  ])('a denial $what: $found', ({ decision = denial, ruleIds = ['r1'], laterMs = 0, found }) => {
    expect(findDenialOfRules([decision], ruleIds, nowMs + laterMs)).toBe(found ? decision : undefined);
  });

  test('passes over what does not hold for one that does', () => {
    const old = aDecision({ inputSha256: 'b', atMs: nowMs - keptMs });

    expect(findDenialOfRules([old, denial], ['r1'], nowMs)).toBe(denial);
  });
});

describe('describeRecent()', () => {
  test('says who refused it, when and why', () => {
    expect(describeRecent(aDecision(), nowMs + 12_400)).toBe(
      `a person denied this 12 s ago (request ${aRequestId()}): no. It is not asked again within 60 s; reach the goal another way.`,
    );
  });

  test('says that nobody answered', () => {
    expect(describeRecent(aDecision({ status: 'TIMED_OUT' }), nowMs + 500)).toBe(
      `nobody answered request ${aRequestId()} for this, which ended 1 s ago. It is not asked again within 60 s; reach the goal another way.`,
    );
  });

  test("a decider's clock that is ahead gives no negative age", () => {
    expect(describeRecent(aDecision({ atMs: nowMs + 3_000 }), nowMs)).toContain('denied this 0 s ago');
  });
});
