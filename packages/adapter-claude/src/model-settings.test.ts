import { describe, expect, test } from '@jest/globals';
import { describeModel, type ModelSettings, parseModelSettings } from './model-settings.ts';

describe('parseModelSettings()', () => {
  test.each([
    [{ ABCA_SCRIPTED_MODEL_URL: 'http://127.0.0.1:1' }, { provider: 'scripted', baseUrl: 'http://127.0.0.1:1' }],
    [
      { ANTHROPIC_API_KEY: ' key ', CLAUDE_CODE_USE_BEDROCK: '1', ABCA_SCRIPTED_MODEL_URL: 'http://127.0.0.1:1' },
      { provider: 'anthropic', apiKey: 'key', baseUrl: 'https://api.anthropic.com' },
    ],
    [
      { ANTHROPIC_API_KEY: 'key', ANTHROPIC_BASE_URL: 'https://gateway.example/a', ABCA_MODEL: 'some-model' },
      { provider: 'anthropic', apiKey: 'key', baseUrl: 'https://gateway.example/a', model: 'some-model' },
    ],
    [
      { CLAUDE_CODE_USE_BEDROCK: '1', AWS_REGION: 'us-gov-west-1', ABCA_SCRIPTED_MODEL_URL: 'http://127.0.0.1:1' },
      { provider: 'bedrock', region: 'us-gov-west-1' },
    ],
    [
      {
        CLAUDE_CODE_USE_BEDROCK: '1',
        AWS_REGION: 'eu-west-1',
        AWS_ACCESS_KEY_ID: 'id',
        AWS_SECRET_ACCESS_KEY: 'secret',
      },
      { provider: 'bedrock', region: 'eu-west-1', credentials: { accessKeyId: 'id', secretAccessKey: 'secret' } },
    ],
    [
      {
        CLAUDE_CODE_USE_BEDROCK: '1',
        AWS_DEFAULT_REGION: 'eu-west-1',
        AWS_BEARER_TOKEN_BEDROCK: 'token',
        ANTHROPIC_MODEL: 'm',
      },
      { provider: 'bedrock', region: 'eu-west-1', model: 'm', bearerToken: 'token' },
    ],
    [
      { ABCA_MODEL_PROVIDER: 'scripted', ANTHROPIC_API_KEY: 'key', ABCA_SCRIPTED_MODEL_URL: 'http://127.0.0.1:1' },
      { provider: 'scripted', baseUrl: 'http://127.0.0.1:1' },
    ],
  ])('reads %j', (env, expected) => {
    expect(JSON.parse(JSON.stringify(parseModelSettings(env)))).toStrictEqual(expected);
  });

  test.each([
    [{}, 'no model is configured'],
    [{ ANTHROPIC_API_KEY: '  ' }, 'no model is configured'],
    [{ ABCA_MODEL_PROVIDER: 'other' }, 'provider'],
    [{ ABCA_MODEL_PROVIDER: 'anthropic' }, 'apiKey'],
    [{ ABCA_SCRIPTED_MODEL_URL: 'nonsense' }, 'baseUrl'],
    [{ CLAUDE_CODE_USE_BEDROCK: '1' }, 'region'],
    [{ CLAUDE_CODE_USE_BEDROCK: '1', AWS_REGION: 'Mars' }, 'not an AWS region'],
    [{ CLAUDE_CODE_USE_BEDROCK: '1', AWS_REGION: 'eu-west-1', AWS_ACCESS_KEY_ID: 'id' }, 'secretAccessKey'],
  ])('refuses %j', (env, part) => {
    const read = (): unknown => parseModelSettings(env);

    expect(read).toThrow(part);
    expect(read).toThrow(expect.objectContaining({ code: 'CONFIG_INVALID' }));
  });

  test('never shows a value', () => {
    const env = { ABCA_MODEL_PROVIDER: 'anthropic', ANTHROPIC_API_KEY: 'hidden-key', ANTHROPIC_BASE_URL: 'hidden-url' };

    expect(() => parseModelSettings(env)).toThrow(
      expect.objectContaining({ message: expect.not.stringContaining('hidden') }),
    );
  });
});

describe('describeModel()', () => {
  test.each([
    [{ provider: 'scripted', baseUrl: 'http://x' }, 'scripted'],
    [{ provider: 'anthropic', apiKey: 'k', baseUrl: 'http://x', model: 'm' }, 'm'],
    [{ provider: 'anthropic', apiKey: 'k', baseUrl: 'http://x' }, 'claude (default model)'],
    [{ provider: 'bedrock', region: 'r', model: 'm' }, 'm on Bedrock'],
    [{ provider: 'bedrock', region: 'r' }, 'claude (default model) on Bedrock'],
  ] as [ModelSettings, string][])('calls %j %s', (settings, label) => {
    expect(describeModel(settings)).toBe(label);
  });
});
