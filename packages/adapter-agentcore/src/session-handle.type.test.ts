import type { ComputeType, SessionHandle } from '@abca/core';
import { expect, test } from '@jest/globals';
import { handle } from './agentcore-world.test-kit.ts';
import type { AgentCoreSessionHandle } from './index.ts';

test('the package adds its handle to the union of core', () => {
  const type: ComputeType = 'agentcore';
  const member: SessionHandle = { ...handle, strategyType: type };

  expect(member satisfies AgentCoreSessionHandle).toHaveProperty('strategyType', 'agentcore');
});
