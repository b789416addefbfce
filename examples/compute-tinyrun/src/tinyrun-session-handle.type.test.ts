import type { ComputeType, SessionHandle } from '@abca/core';
import { expect, test } from '@jest/globals';
import type { TinyRunSessionHandle } from './index.ts';

test('the package adds its handle to the union of core', () => {
  const type: ComputeType = 'tinyrun';
  const handle: SessionHandle = {
    strategyType: type,
    sessionId: 'abca-session-x-g1',
    endpoint: 'https://tinyrun.example',
    jobId: 'abca-session-x-g1',
  };

  expect(handle satisfies TinyRunSessionHandle).toHaveProperty('strategyType', 'tinyrun');
});
