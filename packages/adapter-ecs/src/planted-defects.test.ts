import type { ComputeStrategy, SessionStatus, StopOutcome } from '@abca/core';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import {
  expectHonestStatuses,
  expectLatestRevision,
  expectLeaksToBeTold,
  expectLostAnswersToBeFound,
  expectStableRequest,
} from './ecs-expectations.test-kit.ts';
import { aClient, createEcsWorld, someSettings, type EcsWorld } from './ecs-world.test-kit.ts';
import { startedTask } from './start/started-task.ts';
import { runTaskInput } from './start/run-task-input.ts';
import { taskStatus, type TaskView } from './poll/task-status.ts';
import { RunTaskCommand } from '@aws-sdk/client-ecs';

type StatusOf = typeof taskStatus;

/** Each is a defect that systems of this kind have had. */
const wrongStatuses: readonly (readonly [string, StatusOf])[] = [
  ['always says running (R7)', (): SessionStatus => ({ kind: 'running' })],
  ['always says unobservable', (): SessionStatus => ({ kind: 'unobservable' })],
  ['reads the first container', (task, _name) => taskStatus(task, 'log-router')],
  [
    'takes a missing exit code for 0 (R15)',
    (task, name) => {
      const status = taskStatus(task, name);
      return status.kind === 'failed' && status.error.startsWith('TaskFailedToStart') ? { kind: 'completed' } : status;
    },
  ],
  [
    'takes STOPPED for completed',
    (task, name) => (task?.lastStatus === 'STOPPED' ? { kind: 'completed' } : taskStatus(task, name)),
  ],
  ['takes DEPROVISIONING for over', (task, name) => taskStatus(task && ended(task, 'DEPROVISIONING'), name)],
  ['takes a task it does not know for over', (task, name) => taskStatus(task && ended(task, undefined), name)],
  [
    'says running of a task that is missing (R11)',
    (task, name) => (task === undefined ? { kind: 'running' } : taskStatus(task, name)),
  ],
  [
    'leaves out the exit code',
    (task, name) => {
      const status = taskStatus(task, name);
      return status.kind === 'failed' ? { kind: 'failed', error: status.error.replace(/exit code \d+: /, '') } : status;
    },
  ],
];

function ended(task: TaskView, lastStatus: string | undefined): TaskView {
  return task.lastStatus === lastStatus ? { ...task, lastStatus: 'STOPPED' } : task;
}

describe('planted defects: statuses', () => {
  test.each(wrongStatuses)('the check of statuses fails for a map that %s', (_what, statusOf) => {
    expect(() => {
      expectHonestStatuses(statusOf);
    }).toThrow();
  });
});

describe('planted defects: requests', () => {
  let calls = 0;
  const wrongRequests: readonly (readonly [string, typeof runTaskInput])[] = [
    [
      'a token of its own for every call',
      (...of) => ({ ...runTaskInput(...of), clientToken: `token-${String((calls += 1))}` }),
    ],
    ['one token for all generations', (...of) => ({ ...runTaskInput(...of), clientToken: of[1].taskId })],
    [
      'a token that ECS does not take',
      (...of) => ({ ...runTaskInput(...of), clientToken: 'x'.repeat(64) + of[1].sessionId }),
    ],
    ['no token', (...of) => ({ ...runTaskInput(...of), clientToken: undefined })],
    [
      'its environment in the order it was given',
      (settings, input) => ({
        ...runTaskInput(settings, input),
        overrides: {
          containerOverrides: [
            { environment: Object.entries(input.environment).map(([name, value]) => ({ name, value })) },
          ],
        },
      }),
    ],
    [
      'the time in its tags',
      (...of) => ({ ...runTaskInput(...of), tags: [{ key: 'at', value: String((calls += 1)) }] }),
    ],
  ];

  test.each(wrongRequests)('the check of requests fails for %s', (_what, inputOf) => {
    expect(() => {
      expectStableRequest(inputOf);
    }).toThrow();
  });
});

describe('planted defects: strategies', () => {
  let world: EcsWorld;

  beforeEach(async () => {
    world = await createEcsWorld();
  });
  afterEach(async () => {
    await world.close();
  });

  /** A strategy with one verb replaced. */
  const withDefect = (verbs: Partial<ComputeStrategy>): ComputeStrategy => ({
    type: 'ecs',
    startSession: (...of) => world.strategy.startSession(...of),
    pollSession: (...of) => world.strategy.pollSession(...of),
    stopSession: (...of) => world.strategy.stopSession(...of),
    ...verbs,
  });

  /** Starts by a request that it changes before each of five tries. */
  const startingBy = (change: (request: ReturnType<typeof runTaskInput>, attempt: number) => object): ComputeStrategy =>
    withDefect({
      startSession: async (input) => {
        const settings = { ...someSettings, subnets: ['subnet-1'], securityGroups: ['sg-1'] };
        const client = aClient(world.ecs);
        for (let attempt = 1; ; attempt += 1) {
          const request = { ...runTaskInput(settings, input), ...change(runTaskInput(settings, input), attempt) };
          const answer = await client.send(new RunTaskCommand(request)).catch(() => undefined);
          if (answer === undefined && attempt < 5) continue;
          client.destroy();
          const { sessionId } = input;
          const taskArn = startedTask(answer ?? {}, sessionId);
          return { strategyType: 'ecs', sessionId, clusterArn: settings.clusterArn, taskArn };
        }
      },
    });

  test('the harness of these tests starts as it should where nothing is wrong', async () => {
    await expectLostAnswersToBeFound(
      world,
      startingBy(() => ({})),
    );
  });

  test('the check of lost answers fails for a random token: a start that is not idempotent', async () => {
    const strategy = startingBy((_request, attempt) => ({ clientToken: `token-${String(attempt)}` }));

    await expect(expectLostAnswersToBeFound(world, strategy)).rejects.toThrow('toStrictEqual');
  });

  test('the check of lost answers fails for a strategy that gives up at once', async () => {
    const strategy = world.another({ startRetry: { tries: 1, firstDelayMs: 1 } });

    await expect(expectLostAnswersToBeFound(world, strategy)).rejects.toThrow('did not start');
  });

  test.each([
    ['already gone', { kind: 'already_gone' }],
    ['requested', { kind: 'requested' }],
    ['stopped', { kind: 'stopped', provenBy: 'hope' }],
  ] as readonly (readonly [string, StopOutcome])[])(
    'the check of leaks fails for a stop that swallows its error and says %s (R4)',
    async (_what, outcome) => {
      const strategy = withDefect({
        stopSession: (...of) => world.strategy.stopSession(...of).catch(() => outcome),
      });

      await expect(expectLeaksToBeTold(world, strategy)).rejects.toThrow('toStrictEqual');
    },
  );

  test('the check of revisions fails for a strategy that does not strip the revision', async () => {
    const pinned = (taskDefinition: string): ComputeStrategy => startingBy(() => ({ taskDefinition }));

    await expect(expectLatestRevision(world, pinned)).rejects.toThrow('toBe');
  });
});
