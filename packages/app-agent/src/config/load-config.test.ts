import { describe, expect, test } from '@jest/globals';
import { AbcaError, limits, mintSessionId } from '@abca/core';
import { aTaskId } from '@abca/core/testing';
import { loadConfig } from './load-config.ts';

const env = {
  ABCA_TASK_ID: aTaskId(),
  ABCA_SESSION_ID: mintSessionId(aTaskId(), 1),
  ABCA_GENERATION: '1',
  ABCA_TABLE_PREFIX: 'abca',
  AWS_REGION: 'eu-central-1',
  PATH: '/usr/bin',
  HOME: '/sessions/s/home',
};
const options = { parseModel: () => ({ provider: 'scripted' }) };

function problemsOf(load: () => unknown): string {
  try {
    load();
  } catch (error) {
    if (AbcaError.is(error, 'CONFIG_INVALID')) return error.message;
    throw error;
  }
  throw new Error('nothing was refused');
}

describe('loadConfig()', () => {
  test('fills in the defaults', () => {
    expect(loadConfig(env, options)).toStrictEqual({
      session: {
        taskId: env.ABCA_TASK_ID,
        sessionId: env.ABCA_SESSION_ID,
        generation: 1,
        heartbeatMs: limits.heartbeatIntervalMs,
        leaseMs: limits.heartbeatLostMs,
        workspaceDir: '/sessions/s/home/workspace',
        homeDir: '/sessions/s/home/agent',
      },
      tablePrefix: 'abca',
      region: 'eu-central-1',
      credentialsFunction: undefined,
      gitHubUrl: undefined,
      dynamoDbEndpoint: undefined,
      lambdaEndpoint: undefined,
      feedUrl: undefined,
      localAccessKeyId: undefined,
      pathEnv: '/usr/bin',
      gitHomeDir: '/sessions/s/home/git',
      logLevel: 'info',
      model: { provider: 'scripted' },
    });
  });

  test('takes what is given', () => {
    const given = {
      ABCA_DYNAMODB_ENDPOINT: 'http://127.0.0.1:8000',
      ABCA_LAMBDA_ENDPOINT: 'http://127.0.0.1:9000',
      ABCA_FEED_URL: 'http://127.0.0.1:9001',
      ABCA_HEARTBEAT_MS: '200',
      ABCA_LEASE_MS: '1000',
      ABCA_WORKSPACE_DIR: '/w',
      ABCA_LOG_LEVEL: 'debug',
    };

    const config = loadConfig({ ...env, ...given }, options);

    expect(config).toMatchObject({
      session: { heartbeatMs: 200, leaseMs: 1000, workspaceDir: '/w' },
      dynamoDbEndpoint: 'http://127.0.0.1:8000',
      lambdaEndpoint: 'http://127.0.0.1:9000',
      feedUrl: 'http://127.0.0.1:9001',
      logLevel: 'debug',
    });
  });

  test('names every problem at once, those of the model too, and no value', () => {
    const bad = {
      ...env,
      ABCA_TASK_ID: '',
      ABCA_GENERATION: 'one',
      HOME: 'relative',
      ABCA_DYNAMODB_ENDPOINT: 'secret-value',
    };
    const parseModel = (): never => {
      throw new AbcaError('CONFIG_INVALID', 'no model is configured');
    };

    const problems = problemsOf(() => loadConfig(bad, { ...options, parseModel }));

    for (const name of [
      'ABCA_TASK_ID',
      'ABCA_GENERATION',
      'HOME',
      'ABCA_DYNAMODB_ENDPOINT',
      'no model is configured',
    ]) {
      expect(problems).toContain(name);
    }
    expect(problems).not.toContain('secret-value');
  });

  test('refuses a lease that one lost heartbeat would end', () => {
    const problems = problemsOf(() => loadConfig({ ...env, ABCA_HEARTBEAT_MS: '600', ABCA_LEASE_MS: '1000' }, options));

    expect(problems).toContain('ABCA_LEASE_MS');
  });
});
