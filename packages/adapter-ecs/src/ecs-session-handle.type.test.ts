import type { ComputeType, SessionHandle } from '@abca/core';
import { expect, test } from '@jest/globals';
import type { EcsSessionHandle } from './index.ts';

test('the package adds its handle to the union of core (R3)', () => {
  const type: ComputeType = 'ecs';
  const handle: SessionHandle = {
    strategyType: type,
    sessionId: 'abca-session-x-g1',
    clusterArn: 'arn:cluster',
    taskArn: 'arn:task',
  };

  expect(handle satisfies EcsSessionHandle).toHaveProperty('strategyType', 'ecs');
});
