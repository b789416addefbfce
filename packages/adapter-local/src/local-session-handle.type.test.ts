import type { ComputeType, SessionHandle } from '@abca/core';
import { expect, test } from '@jest/globals';
import type { LocalSessionHandle } from './index.ts';

test('the package adds its handle to the union of core', () => {
  const type: ComputeType = 'local';
  const handle: SessionHandle = {
    strategyType: type,
    sessionId: 'abca-session-x-g1',
    pid: 2,
    startedAtTicks: 0,
    workspaceDir: '/w',
  };

  expect(handle satisfies LocalSessionHandle).toHaveProperty('strategyType', 'local');
});
