import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ProcessLauncher } from '@abca/core-testing/fakes/ecs';
import type { SessionStatus } from '@abca/core';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { anInput, createEcsWorld, someSettings, type EcsWorld } from './ecs-world.test-kit.ts';
import type { EcsSessionHandle } from './ecs-session-handle.ts';

let folder: string;
let world: EcsWorld | undefined;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'abca-ecs-'));
});
afterEach(async () => {
  await world?.close();
  await rm(folder, { recursive: true, force: true });
});

/** A world whose agent is a program of the shell. */
async function worldOf(script: string): Promise<EcsWorld> {
  const launcher = new ProcessLauncher({ command: ['/bin/sh', '-c', script], folder });
  world = await createEcsWorld({ launcher });
  world.ecs.registerTaskDefinition({ family: 'program', containers: [{ name: 'agent', stopTimeoutMs: 200 }] });
  return world;
}

const ofProgram = { settings: { ...someSettings, taskDefinition: 'program' } };

/** Bounded poll: fifteen seconds. */
async function until<T>(what: string, probe: () => Promise<T | undefined>): Promise<T> {
  for (let turn = 0; turn < 1_500; turn += 1) {
    const found = await probe();
    if (found !== undefined) return found;
    await sleep(10);
  }
  throw new Error(`did not happen: ${what}`);
}

const ended = (handle: EcsSessionHandle): Promise<SessionStatus> =>
  until('the session ends', async () => {
    const status = await world?.strategy.pollSession(handle);
    return status?.kind === 'running' ? undefined : status;
  });

async function runs(pid: string): Promise<boolean> {
  const stat = await readFile(`/proc/${pid.trim()}/stat`, 'utf8').catch(() => undefined);
  return stat !== undefined && !/\) [ZX] /.test(stat);
}

describe('EcsComputeStrategy with real programs', () => {
  test.each([
    [0, { kind: 'completed' }],
    [3, { kind: 'failed', error: 'exit code 3: Essential container in task exited' }],
  ] as const)('a program that ends with %d is told as such', async (code, status) => {
    const { another } = await worldOf(`[ "$ABCA_TASK_ID" = task-1 ] || exit 99; exit ${String(code)}`);
    const environment = { ABCA_TASK_ID: 'task-1' };

    const handle = (await another(ofProgram).startSession({ ...anInput(), environment })) as EcsSessionHandle;

    expect(await ended(handle)).toStrictEqual(status);
  });

  test('a stop ends the program and what it started, however deaf they are (L23)', async () => {
    const { another, ecs } = await worldOf(
      `setsid sh -c 'trap "" TERM; echo $$ > child; while :; do sleep 1; done' & trap '' TERM; while :; do sleep 1; done`,
    );
    const strategy = another(ofProgram);
    const handle = (await strategy.startSession(anInput())) as EcsSessionHandle;
    const file = join(folder, `${handle.taskArn.split('/').at(-1) ?? ''}-agent`, 'child');
    const child = await until('it runs', () =>
      readFile(file, 'utf8').then(
        (text) => text || undefined,
        () => undefined,
      ),
    );

    await strategy.stopSession(handle);

    await ended(handle);
    expect(ecs.tasks()[0]?.stop?.stopCode).toBe('UserInitiated');
    expect(await runs(child)).toBe(false);
  });
});
