import { describe, expect, test } from '@jest/globals';
import { expectStableRequest } from '../ecs-expectations.test-kit.ts';
import { anInput, someSettings, taskId } from '../ecs-world.test-kit.ts';
import { clientTokenOf, overridesLimitChars, runTaskInput, startedByOf } from './run-task-input.ts';

const settings = { ...someSettings, subnets: ['subnet-1', 'subnet-2'], securityGroups: ['sg-1'] };
const sessionId = anInput().sessionId;

describe('runTaskInput()', () => {
  test('asks for one Fargate task with ids only', () => {
    const compute = { cpu: 4096, memory: 16_384, ephemeralStorage: 50 };
    const environment = { ABCA_TASK_ID: taskId, ABCA_SESSION_ID: sessionId };

    expect(runTaskInput(settings, anInput({ compute, environment }))).toStrictEqual({
      cluster: settings.clusterArn,
      taskDefinition: 'abca-agent',
      launchType: 'FARGATE',
      count: 1,
      clientToken: sessionId,
      startedBy: sessionId,
      tags: [
        { key: 'abca:task-id', value: taskId },
        { key: 'abca:session-id', value: sessionId },
        { key: 'abca:generation', value: '1' },
      ],
      propagateTags: 'TASK_DEFINITION',
      networkConfiguration: {
        awsvpcConfiguration: {
          subnets: ['subnet-1', 'subnet-2'],
          securityGroups: ['sg-1'],
          assignPublicIp: 'DISABLED',
        },
      },
      overrides: {
        cpu: '4096',
        memory: '16384',
        ephemeralStorage: { sizeInGiB: 50 },
        containerOverrides: [
          {
            name: 'agent',
            environment: [
              { name: 'ABCA_SESSION_ID', value: sessionId },
              { name: 'ABCA_TASK_ID', value: taskId },
            ],
          },
        ],
      },
    });
  });

  test('leaves the size to the task definition where the blueprint names none', () => {
    expect(runTaskInput(settings, anInput({ environment: {} })).overrides).toStrictEqual({
      containerOverrides: [{ name: 'agent', environment: [] }],
    });
  });

  test('is the same for the same session, whatever the order of its environment', () => {
    expect(() => {
      expectStableRequest(runTaskInput);
    }).not.toThrow();
  });

  test('stays far below the limit of overrides: the text of a task is not in it (L14)', () => {
    const name = (n: number): string => `ABCA_SOME_SETTING_OF_THE_PLATFORM_${String(n)}`;
    const environment = Object.fromEntries(Array.from({ length: 20 }, (_, n) => [name(n), 'x'.repeat(64)]));

    const { overrides } = runTaskInput(settings, anInput({ environment }));

    expect(JSON.stringify(overrides).length).toBeLessThan(overridesLimitChars / 2);
  });

  test('takes overrides up to the limit and refuses longer ones, before any call (L14)', () => {
    const withChars = (chars: number): unknown => {
      const environment = { A: '' };
      const empty = JSON.stringify(runTaskInput(settings, anInput({ environment })).overrides).length;
      return runTaskInput(settings, anInput({ environment: { A: 'x'.repeat(chars - empty) } }));
    };

    expect(() => withChars(8_192)).not.toThrow();
    expect(() => withChars(8_193)).toThrow(
      expect.objectContaining({
        code: 'SESSION_START_FAILED',
        retryable: false,
        message: `session ${sessionId} did not start: its overrides have 8193 characters, and ECS takes 8192; pass ids, and store what they name`,
        details: { reason: 'OverridesTooLong' },
      }),
    );
  });

  test('refuses settings of a blueprint that it does not know', () => {
    expect(() => runTaskInput(settings, anInput({ compute: { memori: 1 } }))).toThrow('Unrecognized key: "memori"');
  });
});

describe('clientTokenOf()', () => {
  test.each([
    ['a session id', sessionId, sessionId],
    ['64 characters', 'x'.repeat(64), 'x'.repeat(64)],
    ['the ends of the range', '!~', '!~'],
  ])('takes %s as it is', (_what, id, token) => {
    expect(clientTokenOf(id)).toBe(token);
  });

  test.each([
    ['65 characters', 'x'.repeat(65)],
    ['a space', 'a b'],
    ['a letter beyond ASCII', 'ä'],
    ['nothing', ''],
  ])('takes a stable digest for %s', (_what, id) => {
    expect(clientTokenOf(id)).toMatch(/^[0-9a-f]{64}$/);
    expect(clientTokenOf(id)).toBe(clientTokenOf(id));
    expect(clientTokenOf(id)).not.toBe(clientTokenOf(`${id}x`));
  });
});

describe('startedByOf()', () => {
  test.each([
    [sessionId, sessionId],
    ['a/b_c-D9', 'a/b_c-D9'],
    ['a b:c.d', 'a-b-c-d'],
    ['x'.repeat(129), 'x'.repeat(128)],
  ])('%s is shown as %s', (id, shown) => {
    expect(startedByOf(id)).toBe(shown);
  });
});
