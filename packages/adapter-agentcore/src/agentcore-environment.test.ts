import { fakeRuntimeArn } from '@abca/core-testing/fakes/agentcore';
import { describe, expect, test } from '@jest/globals';
import { runtimeArnOf } from './agentcore-environment.ts';

describe('runtimeArnOf()', () => {
  test('is the runtime that the environment names, if it names one', () => {
    expect(runtimeArnOf({ PATH: '/bin', ABCA_AGENTCORE_RUNTIME_ARN: fakeRuntimeArn })).toBe(fakeRuntimeArn);
    expect(runtimeArnOf({ ABCA_AGENTCORE_RUNTIME_ARN: '' })).toBeUndefined();
    expect(runtimeArnOf({})).toBeUndefined();
  });

  test('refuses what is not the ARN of a runtime, such as one of an endpoint', () => {
    const environment = { ABCA_AGENTCORE_RUNTIME_ARN: `${fakeRuntimeArn}/runtime-endpoint/DEFAULT` };

    expect(() => runtimeArnOf(environment)).toThrow(
      expect.objectContaining({
        code: 'CONFIG_INVALID',
        message: expect.stringMatching(/ABCA_AGENTCORE_RUNTIME_ARN/),
      }),
    );
  });
});
