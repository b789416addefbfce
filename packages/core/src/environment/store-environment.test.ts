import { describe, expect, test } from '@jest/globals';
import { channelEnvironmentSchema } from './channel-environment.ts';
import { parseEnvironment } from './parse-environment.ts';
import { storeEnvironmentSchema } from './store-environment.ts';

describe('storeEnvironmentSchema', () => {
  const complete = { AWS_REGION: 'us-east-1', ABCA_TABLE_PREFIX: 'abca' };

  test('reads where the tables are', () => {
    expect(parseEnvironment('it', storeEnvironmentSchema, complete)).toStrictEqual(complete);
  });

  test.each(Object.keys(complete))('wants %s', (name) => {
    expect(storeEnvironmentSchema.safeParse({ ...complete, [name]: '' }).success).toBe(false);
  });
});

describe('channelEnvironmentSchema', () => {
  const complete = {
    ABCA_SLACK_BOT_TOKEN: 'xoxb-1',
    ABCA_SLACK_URL: 'http://127.0.0.1:1/api/',
    ABCA_GITHUB_APP_ID: '7',
    ABCA_GITHUB_APP_PRIVATE_KEY: 'a key',
    ABCA_GITHUB_URL: 'http://127.0.0.1:2',
    ABCA_EMAIL_FROM: 'abca@example.com',
    ABCA_SES_CONFIGURATION_SET: 'abca',
    ABCA_PUBLIC_URL: 'https://abca.example.com',
    ABCA_APPROVAL_LINK_KEY: 'k'.repeat(32),
  };

  test('reads all of it, and none of it', () => {
    expect(parseEnvironment('it', channelEnvironmentSchema, complete)).toStrictEqual(complete);
    expect(parseEnvironment('it', channelEnvironmentSchema, { PATH: '/bin' })).toStrictEqual({});
  });

  test.each([
    ['ABCA_SLACK_BOT_TOKEN', 'ABCA_SLACK_URL'],
    ['ABCA_GITHUB_APP_PRIVATE_KEY', 'ABCA_GITHUB_APP_ID'],
    ['ABCA_GITHUB_APP_ID', 'ABCA_GITHUB_APP_PRIVATE_KEY'],
    ['ABCA_EMAIL_FROM', 'ABCA_SES_CONFIGURATION_SET'],
    ['ABCA_APPROVAL_LINK_KEY', 'ABCA_PUBLIC_URL'],
    ['ABCA_PUBLIC_URL', 'ABCA_APPROVAL_LINK_KEY'],
  ])('names %s when %s is set without it', (missing, given) => {
    const half = { ...complete, [missing]: undefined };

    expect(() => parseEnvironment('it', channelEnvironmentSchema, half)).toThrow(
      expect.objectContaining({ code: 'CONFIG_INVALID', message: expect.stringContaining(missing) }),
    );
    expect(() => parseEnvironment('it', channelEnvironmentSchema, half)).toThrow(`${given} is set`);
  });

  test('takes one source of tokens of GitHub, and shows neither in its refusal', () => {
    const both = { ...complete, ABCA_GITHUB_TOKEN: 'ghp_secret' };

    expect(() => parseEnvironment('it', channelEnvironmentSchema, both)).toThrow(/ABCA_GITHUB_APP_ID, not both/);
    expect(() => parseEnvironment('it', channelEnvironmentSchema, both)).not.toThrow(/ghp_secret|a key/);
  });

  test.each(['ABCA_SLACK_URL', 'ABCA_GITHUB_URL', 'ABCA_PUBLIC_URL'])('refuses a %s that is no web address', (name) => {
    expect(channelEnvironmentSchema.safeParse({ ...complete, [name]: 'file:///etc/passwd' }).success).toBe(false);
  });
});
