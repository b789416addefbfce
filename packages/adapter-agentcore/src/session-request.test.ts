import { fakeRuntimeArn } from '@abca/core-testing/fakes/agentcore';
import { describe, expect, test } from '@jest/globals';
import { handle, otherRuntimeArn, sessionId } from './agentcore-world.test-kit.ts';
import { handleOf, payloadOf } from './session-request.ts';

describe('handleOf()', () => {
  test('takes the runtime of the blueprint, else the default (R1)', () => {
    expect(handleOf({ sessionId, compute: {} }, fakeRuntimeArn)).toStrictEqual(handle);
    expect(handleOf({ sessionId, compute: { runtimeArn: otherRuntimeArn } }, fakeRuntimeArn)).toStrictEqual({
      ...handle,
      runtimeArn: otherRuntimeArn,
    });
    expect(handleOf({ sessionId, compute: { runtimeArn: fakeRuntimeArn } }, undefined)).toStrictEqual(handle);
  });

  test.each([
    ['no runtime at all', {}, undefined, /no runtime is set; set compute\.runtimeArn in the blueprint/],
    ['a default that is none', {}, 'my-runtime', /runtimeArn: must be the ARN of an agent runtime/],
    ['a runtime that is none', { runtimeArn: 'x' }, fakeRuntimeArn, /compute settings: runtimeArn: must be the ARN/],
    ['an unknown setting', { memory: 4 }, fakeRuntimeArn, /compute settings: compute: Unrecognized key: "memory"/],
    ['two mistakes', { runtimeArn: 1, memory: 4 }, fakeRuntimeArn, /runtimeArn: .*; compute: /],
  ])('refuses %s', (_what, compute, defaultRuntimeArn, message) => {
    expect(() => handleOf({ sessionId, compute }, defaultRuntimeArn)).toThrow(message);
    expect(() => handleOf({ sessionId, compute }, defaultRuntimeArn)).toThrow(/^session did not start: /);
    expect(() => handleOf({ sessionId, compute }, defaultRuntimeArn)).toThrow(
      expect.objectContaining({ code: 'SESSION_START_FAILED', retryable: false }),
    );
  });

  test.each([
    [32, false],
    [33, true],
    [256, true],
    [257, false],
  ])('takes a session id of %d characters: %s', (length, taken) => {
    const ask = () => handleOf({ sessionId: 'x'.repeat(length) as typeof sessionId, compute: {} }, fakeRuntimeArn);

    if (taken) expect(ask().sessionId).toHaveLength(length);
    else expect(ask).toThrow(/session did not start: sessionId: /);
  });

  test.each(['aws-cn', 'aws-us-gov'])('takes a runtime of the partition %s', (partition) => {
    const runtimeArn = fakeRuntimeArn.replace(':aws:', `:${partition}:`);

    expect(handleOf({ sessionId, compute: { runtimeArn } }, undefined)).toMatchObject({ runtimeArn });
  });

  test.each([`x${fakeRuntimeArn}`, `${fakeRuntimeArn} `, fakeRuntimeArn.replace('123456789012', '12345')])(
    'refuses %j',
    (runtimeArn) => {
      expect(() => handleOf({ sessionId, compute: { runtimeArn } }, undefined)).toThrow(/must be the ARN/);
    },
  );
});

test('payloadOf() wraps the environment, and nothing else', () => {
  expect(new TextDecoder().decode(payloadOf({ environment: { A: 'ä' } }))).toBe('{"environment":{"A":"ä"}}');
});
