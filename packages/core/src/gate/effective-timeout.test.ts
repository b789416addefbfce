import { describe, expect, test } from '@jest/globals';
import { effectiveTimeout, type TimeoutBounds, type EffectiveTimeout } from './effective-timeout.ts';

const ample: TimeoutBounds = {
  ruleTimeoutsS: [],
  taskDefaultS: 300,
  lifetimeRemainingS: 28_800,
  cleanupMarginS: 120,
};

function waits(timeoutS: number, fields: Partial<EffectiveTimeout> = {}): EffectiveTimeout {
  return { kind: 'waits', timeoutS, isShrinking: false, ...fields } as EffectiveTimeout;
}

describe('effectiveTimeout()', () => {
  test.each<[string, Partial<TimeoutBounds>, EffectiveTimeout]>([
    ["the task's own", {}, waits(300)],
    ["a rule's, when it is shorter", { ruleTimeoutsS: [60] }, waits(60, { cappedBy: 'rule_annotation' })],
    ['the shortest of several rules', { ruleTimeoutsS: [200, 60, 90] }, waits(60, { cappedBy: 'rule_annotation' })],
    ["not a rule's that is longer", { ruleTimeoutsS: [600] }, waits(300)],
    ["a rule's that is as long", { ruleTimeoutsS: [300] }, waits(300)],
    ['30 s, should a rule say less', { ruleTimeoutsS: [5] }, waits(30, { cappedBy: 'rule_annotation' })],
    [
      'what is left of the task',
      { lifetimeRemainingS: 220 },
      waits(100, { cappedBy: 'max_lifetime_ceiling', isShrinking: true }),
    ],
    [
      'what is left, in whole seconds',
      { lifetimeRemainingS: 220.9 },
      waits(100, { cappedBy: 'max_lifetime_ceiling', isShrinking: true }),
    ],
    ['all of it, when as much is left', { lifetimeRemainingS: 420 }, waits(300)],
    [
      'a second less, when a second less is left',
      { lifetimeRemainingS: 419 },
      waits(299, { cappedBy: 'max_lifetime_ceiling', isShrinking: true }),
    ],
    [
      "a rule's, when it is shorter than what is left",
      { lifetimeRemainingS: 220, ruleTimeoutsS: [60] },
      waits(60, { cappedBy: 'rule_annotation', isShrinking: true }),
    ],
    [
      "what is left, when a rule's is longer",
      { lifetimeRemainingS: 220, ruleTimeoutsS: [110] },
      waits(100, { cappedBy: 'max_lifetime_ceiling', isShrinking: true }),
    ],
    [
      "a rule's, when it is as long as what is left",
      { lifetimeRemainingS: 220, ruleTimeoutsS: [100] },
      waits(100, { cappedBy: 'rule_annotation', isShrinking: true }),
    ],
    ['the last 30 s', { lifetimeRemainingS: 150 }, waits(30, { cappedBy: 'max_lifetime_ceiling', isShrinking: true })],
    ['nothing below 30 s', { lifetimeRemainingS: 149.9 }, { kind: 'too_late', availableS: 29 }],
    ['nothing once the task is over', { lifetimeRemainingS: -5 }, { kind: 'too_late', availableS: -125 }],
  ])('waits for %s', (_what, bounds, expected) => {
    expect(effectiveTimeout({ ...ample, ...bounds })).toStrictEqual(expected);
  });
});
