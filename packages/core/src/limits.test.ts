import { expect, test } from '@jest/globals';
import { limits } from './limits.ts';

test('the limits are those that people are told', () => {
  expect(limits).toStrictEqual({
    sessionMs: 28_800_000,
    heartbeatIntervalMs: 30_000,
    heartbeatLostMs: 150_000,
    approvalGateCap: { default: 50, min: 1, max: 500 },
    approvalTimeoutS: { default: 300, min: 30, max: 3600 },
    cleanupMarginMs: 120_000,
    previewChars: 200,
    taskDescriptionChars: 10_000,
    maxTurns: { default: 100, min: 1, max: 500 },
    maxBudgetUsd: { default: 10, min: 0.01, max: 100 },
    initialApprovals: { max: 20, chars: 128 },
    contextTokens: 100_000,
    stepResultBytes: 262_144,
    slotsPerUser: 10,
    queueMs: 86_400_000,
    queueRecheckMs: 900_000,
    queuedPerUser: 2_000,
    taskTtlMs: 7_776_000_000,
    eventTtlMs: 7_776_000_000,
    pollFailures: 3,
    publisherFailures: 3,
  });
});
