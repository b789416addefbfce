import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { StoredHandle } from '@abca/core';
import { afterEach, describe, expect, test } from '@jest/globals';
import {
  anInput,
  createLocalWorld,
  endAgent,
  eventually,
  isAlive,
  readText,
  waitingAgent,
  type LocalWorld,
} from './local-session.test-kit.ts';
import { startPlatform } from './platform-fixture.test-kit.ts';
import { Proc } from './process/proc.ts';
import { findClaim, sessionFolder } from './session/session-folder.ts';

const worlds: LocalWorld[] = [];

afterEach(async () => {
  await Promise.all(worlds.splice(0).map((world) => world.close()));
});

async function aWorld(script?: string): Promise<LocalWorld> {
  // Free sessions: they are to survive the platform that started them. Each test ends them itself.
  const world = await createLocalWorld(script, { ownerPipe: false });
  worlds.push(world);
  return world;
}

/** A folder for PATH in which `program` kills the platform before or after it does its work, or instead. */
async function trapOn(world: LocalWorld, program: string, when: 'before' | 'after' | 'instead'): Promise<string> {
  const dir = join(world.root, 'traps');
  await mkdir(dir);
  const kill = 'kill -KILL "$TEST_PLATFORM_PID"; while kill -0 "$TEST_PLATFORM_PID" 2> /dev/null; do :; done';
  const real = `PATH=$REAL_PATH ${program} "$@"`;
  const lines = { before: [kill, real], after: [real, kill], instead: [kill, 'exit 1'] }[when];
  await writeFile(join(dir, program), `#!/bin/sh\n${lines.join('\n')}\n`);
  await chmod(join(dir, program), 0o755);
  return `${dir}:${world.options.pathEnv}`;
}

async function startsOf(world: LocalWorld, handle: StoredHandle): Promise<number> {
  return (await world.read(handle.sessionId, 'home/starts')).trim().split('\n').length;
}

describe('a platform that is killed', () => {
  test.each([
    ['when the session exists and has not claimed itself', 'ln', 'before'],
    ['when the session has claimed itself and nobody knows', 'ln', 'after'],
    ['when the session dies with it before the claim', 'ln', 'instead'],
    ['just before it hears of the claim', 'rm', 'after'],
  ] as const)('%s: the replayed step starts nothing twice', async (_what, program, when) => {
    const world = await aWorld();
    const pathEnv = await trapOn(world, program, when);
    const extraEnv = { ...world.options.extraEnv, REAL_PATH: world.options.pathEnv };
    const platform = startPlatform(world, anInput(), { pathEnv, extraEnv });
    expect(await platform.handle).toBeUndefined();

    const handle = await world.strategy.startSession(anInput());

    expect(await world.strategy.pollSession(handle)).toStrictEqual({ kind: 'running' });
    expect(await startsOf(world, handle)).toBe(1);
    const claim = await findClaim(sessionFolder(world.sessionsDir, handle.sessionId));
    expect({ pid: handle['pid'], startedAtTicks: handle['startedAtTicks'] }).toStrictEqual(claim);
  });

  test('leaves its session running; the next one shows how it ended', async () => {
    const world = await aWorld();
    const platform = startPlatform(world, anInput());
    const handle = (await platform.handle)!;
    platform.child.kill('SIGKILL');
    await platform.ended;

    expect(await world.strategy.startSession(anInput())).toStrictEqual(handle);
    expect(await world.strategy.pollSession(handle)).toStrictEqual({ kind: 'running' });
    await endAgent(world, handle, 9);
    expect(await world.strategy.pollSession(handle)).toStrictEqual({ kind: 'failed', error: 'exit code 9' });
  });

  test('takes its owned session along, with a grandchild that left the group', async () => {
    const world = await aWorld(`setsid sleep 1000 & echo $! > "$HOME/pids"; ${waitingAgent}`);
    const platform = startPlatform(world, anInput(), { ownerPipe: true });
    const handle = (await platform.handle)!;
    await startsOf(world, handle);
    const outsider = Number(await readText(join(world.sessionsDir, handle.sessionId, 'home', 'pids')));
    platform.child.kill('SIGKILL');

    await eventually('the session is gone', async () => {
      const group = (await new Proc().list()).filter((info) => info.groupId === handle['pid'] && info.alive);
      return group.length === 0 && !(await isAlive(outsider));
    });

    expect(await world.strategy.pollSession(handle)).toStrictEqual({
      kind: 'failed',
      error: 'session ended with the platform that owned it',
    });
    expect(await world.another().stopSession(handle)).toStrictEqual({ kind: 'already_gone' });
  });
});
