import { expect, test } from '@jest/globals';
import { failClosed } from './policy-types.ts';

test('failClosed() denies, and says what was in doubt', () => {
  expect(failClosed('no engine')).toStrictEqual({
    outcome: 'deny',
    tier: 'fail_closed',
    reason: 'fail-closed: no engine',
    matchingRuleIds: [],
  });
});
