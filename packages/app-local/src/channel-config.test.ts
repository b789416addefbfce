import { AbcaError } from '@abca/core';
import { describe, expect, test } from '@jest/globals';
import { loadPlatformConfig } from './platform-config.ts';

const secret = 'sixteen characters';

function load(env: Readonly<Record<string, string>>): ReturnType<typeof loadPlatformConfig> {
  return loadPlatformConfig({ env, cwd: '/nowhere' });
}

function problemOf(env: Readonly<Record<string, string>>): string {
  try {
    load(env);
  } catch (error) {
    if (AbcaError.is(error, 'CONFIG_INVALID')) return error.message;
  }
  throw new Error('the configuration was accepted');
}

describe('the settings of channels', () => {
  test('are taken from the environment', () => {
    const config = load({
      ABCA_GITHUB_URL: 'http://127.0.0.1:1/',
      ABCA_GITHUB_TOKEN: 'a-token',
      ABCA_GITHUB_WEBHOOK_SECRET: secret,
      ABCA_SLACK_TOKEN: 'xoxb-1',
      ABCA_SMTP: 'smtp://127.0.0.1:2',
      ABCA_EMAIL_FROM: 'abca@example.com',
    });

    expect(config).toMatchObject({
      githubUrl: 'http://127.0.0.1:1/',
      githubToken: 'a-token',
      githubWebhookSecret: secret,
      slackToken: 'xoxb-1',
      smtp: 'smtp://127.0.0.1:2',
      emailFrom: 'abca@example.com',
    });
  });

  test('a key file is found from the folder the platform is started in', () => {
    const config = load({ ABCA_GITHUB_APP_ID: '7', ABCA_GITHUB_APP_KEY: 'keys/app.pem' });

    expect(config).toMatchObject({ githubAppId: 7, githubAppKey: '/nowhere/keys/app.pem' });
  });

  test.each([
    [{ ABCA_GITHUB_APP_ID: '7' }, 'githubAppKey'],
    [{ ABCA_GITHUB_APP_KEY: 'app.pem' }, 'githubAppId'],
    [{ ABCA_SLACK_URL: 'http://127.0.0.1:1' }, 'slackToken'],
    [{ ABCA_SLACK_SIGNING_SECRET: secret }, 'slackToken'],
    [{ ABCA_SMTP: 'smtp://127.0.0.1:2' }, 'emailFrom'],
    [{ ABCA_EMAIL_FROM: 'abca@example.com' }, 'smtp'],
    [{ ABCA_GITHUB_TOKEN: 't', ABCA_GITHUB_APP_ID: '7', ABCA_GITHUB_APP_KEY: 'k' }, 'githubToken'],
    [{ ABCA_GITHUB_WEBHOOK_SECRET: 'short' }, 'githubWebhookSecret'],
    [{ ABCA_WEBHOOK_SECRET: 'short' }, 'webhookSecret'],
    [{ ABCA_SMTP: 'http://127.0.0.1:2', ABCA_EMAIL_FROM: 'abca@example.com' }, 'smtp'],
    [{ ABCA_SLACK_URL: 'file:///etc/passwd', ABCA_SLACK_TOKEN: 't' }, 'slackUrl'],
    [{ ABCA_PUBLIC_URL: 'javascript:alert(1)' }, 'publicUrl'],
  ])('refuses %j and names %s', (env, key) => {
    expect(problemOf(env as unknown as Record<string, string>)).toContain(`at ${key}`);
  });

  test('a problem with a secret does not show it', () => {
    const text = problemOf({ ABCA_GITHUB_WEBHOOK_SECRET: 'tiny-secret', ABCA_SLACK_SIGNING_SECRET: `${secret}-2` });

    expect(text).not.toMatch(/tiny-secret|sixteen/);
  });
});
