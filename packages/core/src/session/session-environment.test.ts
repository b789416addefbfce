import { describe, expect, test } from '@jest/globals';
import { mintSessionId } from '../ids/ids.ts';
import { aTaskId } from '../testing/builders.ts';
import { sessionEnvironment, sessionEnvironmentSchema } from './session-environment.ts';

const taskId = aTaskId();
const ids = { taskId, sessionId: mintSessionId(taskId, 2), generation: 2 };
const platform = { ABCA_TABLE_PREFIX: 'abca', AWS_REGION: 'us-east-1' };
const least = sessionEnvironment(platform, ids);

describe('sessionEnvironment()', () => {
  test('tells the session who it is, besides what the platform tells all', () => {
    expect(least).toStrictEqual({
      ...platform,
      ABCA_TASK_ID: taskId,
      ABCA_SESSION_ID: `abca-session-${taskId}-g2`,
      ABCA_GENERATION: '2',
    });
  });

  test('a platform cannot pass one session off as another', () => {
    expect(sessionEnvironment({ ...platform, ABCA_TASK_ID: 'other' }, ids)['ABCA_TASK_ID']).toBe(taskId);
  });

  test('is far below what ECS takes for all overrides (L14)', () => {
    expect(JSON.stringify(least).length).toBeLessThan(1_000);
  });
});

describe('sessionEnvironmentSchema', () => {
  test('reads what sessionEnvironment() wrote', () => {
    expect(sessionEnvironmentSchema.parse(least)).toStrictEqual({ ...least, ABCA_GENERATION: 2 });
  });

  test('reads the settings of a local platform', () => {
    const local = {
      ABCA_DYNAMODB_ENDPOINT: 'http://127.0.0.1:8000',
      ABCA_LAMBDA_ENDPOINT: 'http://127.0.0.1:8001',
      ABCA_FEED_URL: 'http://127.0.0.1:8002',
      ABCA_ACCESS_KEY_ID: 'local',
      ABCA_HEARTBEAT_MS: '500',
      ABCA_LEASE_MS: '2000',
    };

    expect(sessionEnvironmentSchema.parse({ ...least, ...local })).toMatchObject({
      ABCA_DYNAMODB_ENDPOINT: 'http://127.0.0.1:8000',
      ABCA_HEARTBEAT_MS: 500,
      ABCA_LEASE_MS: 2000,
    });
  });

  test.each([
    ['ABCA_TASK_ID', ''],
    ['ABCA_TASK_ID', undefined],
    ['ABCA_SESSION_ID', 'x'.repeat(32)],
    ['ABCA_GENERATION', '0'],
    ['ABCA_GENERATION', '1.5'],
    ['ABCA_GENERATION', 'one'],
    ['ABCA_TABLE_PREFIX', ''],
    ['AWS_REGION', ''],
    ['ABCA_DYNAMODB_ENDPOINT', '127.0.0.1'],
    ['ABCA_LAMBDA_ENDPOINT', '127.0.0.1'],
    ['ABCA_FEED_URL', '127.0.0.1'],
    ['ABCA_ACCESS_KEY_ID', ''],
    ['ABCA_HEARTBEAT_MS', '0'],
    ['ABCA_HEARTBEAT_MS', '1.5'],
    ['ABCA_LEASE_MS', '0'],
    ['ABCA_LEASE_MS', '1.5'],
  ])('refuses %s = %j', (name, value) => {
    const { error } = sessionEnvironmentSchema.safeParse({ ...least, [name]: value });

    expect(error?.issues.map(({ path }) => path)).toStrictEqual([[name]]);
  });

  test('takes a session id of 33 characters, the least that AgentCore takes', () => {
    expect(sessionEnvironmentSchema.safeParse({ ...least, ABCA_SESSION_ID: 'x'.repeat(33) }).success).toBe(true);
  });
});
