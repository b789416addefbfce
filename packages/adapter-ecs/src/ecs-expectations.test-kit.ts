import { AbcaError, type ComputeStrategy, type SessionStatus, type StartSessionInput } from '@abca/core';
import { expect } from '@jest/globals';
import { anInput, someSettings, type EcsWorld } from './ecs-world.test-kit.ts';
import type { EcsSettings } from './settings/ecs-settings.ts';
import { parseHandle } from './ecs-session-handle.ts';
import type { TaskView } from './poll/task-status.ts';

/*
 * The checks that wrong strategies must not pass. Each is used twice: by the tests of the part it is about, and by
 * `planted-defects.test.ts`, which shows that it throws for a part that is wrong in just that way.
 */

/** The table of CONTRACTS: what each state of a task says of its session. */
export function expectHonestStatuses(
  statusOf: (task: TaskView | undefined, containerName: string) => SessionStatus,
): void {
  const states = ['PROVISIONING', 'PENDING', 'ACTIVATING', 'RUNNING', 'DEACTIVATING', 'STOPPING', 'DEPROVISIONING'];
  const sidecar = { name: 'log-router', exitCode: 0 };
  const ended = (exitCode: number): TaskView => ({
    lastStatus: 'STOPPED',
    stopCode: 'EssentialContainerExited',
    containers: [sidecar, { name: 'agent', exitCode, reason: 'why' }],
  });
  const neverStarted: TaskView = {
    lastStatus: 'STOPPED',
    stopCode: 'TaskFailedToStart',
    stoppedReason: 'CannotPullContainerError',
    containers: [sidecar, { name: 'agent' }],
  };

  // Containers that have exited do not end a session whose task goes on.
  const going = [...states, undefined].map((lastStatus) => statusOf({ ...ended(0), lastStatus }, 'agent'));
  expect(new Set(going.map(({ kind }) => kind))).toStrictEqual(new Set(['running']));
  expect(statusOf(ended(0), 'agent')).toStrictEqual({ kind: 'completed' });
  expect(statusOf(ended(3), 'agent')).toStrictEqual({ kind: 'failed', error: 'exit code 3: why' });
  expect(statusOf(neverStarted, 'agent')).toStrictEqual({
    kind: 'failed',
    error: 'TaskFailedToStart: CannotPullContainerError',
  });
  expect(statusOf(undefined, 'agent')).toStrictEqual({ kind: 'failed', error: expect.stringContaining('not found') });
}

/** A start that is repeated asks for the same, so that the service makes one task of both. */
export function expectStableRequest(
  inputOf: (settings: EcsSettings, input: StartSessionInput) => { clientToken?: string | undefined },
): void {
  const settings = { ...someSettings, subnets: ['subnet-1'], securityGroups: ['sg-1'] };
  const first = inputOf(settings, anInput({ environment: { A: '1', B: '2' } }));
  const again = inputOf(settings, anInput({ environment: { B: '2', A: '1' } }));
  const other = inputOf(settings, anInput({ generation: 2 }));

  expect(JSON.stringify(again)).toBe(JSON.stringify(first));
  expect(other.clientToken).not.toBe(first.clientToken);
  expect(first.clientToken).toMatch(/^[!-~]{1,64}$/);
}

/** A start whose answer is lost runs one task, which its repetition returns. */
export async function expectLostAnswersToBeFound(world: EcsWorld, strategy: ComputeStrategy): Promise<void> {
  world.ecs.failNext('RunTask', 'lost_answer', 2);

  const handle = parseHandle(await strategy.startSession(anInput()));

  expect(world.ecs.tasks().map(({ origin }) => origin.arn)).toStrictEqual([handle.taskArn]);
}

/** A stop that was refused is an error: the session goes on and costs money, unlike one that is gone (R4). */
export async function expectLeaksToBeTold(world: EcsWorld, strategy: ComputeStrategy): Promise<void> {
  const handle = await world.start();
  world.ecs.failNext('StopTask', 'access_denied');

  const told = await strategy.stopSession(handle).then(
    (outcome) => outcome.kind,
    (error: unknown) => (AbcaError.is(error) ? [error.code, error.retryable] : error),
  );

  expect(told).toStrictEqual(['SESSION_ACCESS_DENIED', false]);
}

/** What was deployed last is run, whatever revision the settings were made with. */
export async function expectLatestRevision(
  world: EcsWorld,
  strategyFor: (taskDefinition: string) => ComputeStrategy,
): Promise<void> {
  world.ecs.registerTaskDefinition({ family: 'abca-agent', containers: [{ name: 'agent' }] });

  await strategyFor('arn:aws:ecs:us-east-1:123456789012:task-definition/abca-agent:1').startSession(anInput());

  expect(world.ecs.tasks()[0]?.origin.definition.revision).toBe(2);
}
