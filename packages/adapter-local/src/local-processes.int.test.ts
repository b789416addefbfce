import { join } from 'node:path';
import type { StoredHandle } from '@abca/core';
import { afterEach, describe, expect, test } from '@jest/globals';
import {
  anInput,
  createLocalWorld,
  eventually,
  isAlive,
  readText,
  run,
  type LocalWorld,
} from './local-session.test-kit.ts';
import { LocalComputeStrategy, type LocalComputeOptions } from './local-compute-strategy.ts';
import { Proc } from './process/proc.ts';

const worlds: LocalWorld[] = [];

afterEach(async () => {
  await Promise.all(worlds.splice(0).map((world) => world.close()));
});

async function aWorld(script: string, more: Partial<LocalComputeOptions> = {}): Promise<LocalWorld> {
  const world = await createLocalWorld(script, more);
  worlds.push(world);
  return world;
}

/** Start a session and answer the pids that its agent wrote to `pids`, once there are `count`. */
async function startWithPids(world: LocalWorld, count: number): Promise<{ handle: StoredHandle; pids: number[] }> {
  const handle = await world.strategy.startSession(anInput());
  const pids = await eventually('the agent wrote its pids', async () => {
    const text = await readText(join(world.sessionsDir, handle.sessionId, 'home', 'pids'));
    const lines = text?.trim().split('\n') ?? [];
    return lines.length === count && lines.map(Number);
  });
  return { handle, pids };
}

async function alive(pids: readonly number[]): Promise<number[]> {
  const states = await Promise.all(pids.map(isAlive));
  return pids.filter((_, index) => states[index]);
}

const stopped = { kind: 'stopped', provenBy: expect.stringMatching(/process group \d+ is empty/) };

describe('LocalComputeStrategy', () => {
  describe('stopSession()', () => {
    // L23: a grandchild process survived the cancel.
    test('ends a grandchild', async () => {
      const world = await aWorld(
        'sh -c \'sleep 1000 & echo $! >> "$HOME/pids"; wait\' & echo $! >> "$HOME/pids"; wait',
      );
      const { handle, pids } = await startWithPids(world, 2);

      const outcome = await world.strategy.stopSession(handle);

      expect(outcome).toStrictEqual(stopped);
      expect(await alive(pids)).toStrictEqual([]);
    });

    test('ends a grandchild in a session of its own whose parent is gone', async () => {
      const world = await aWorld(
        'sh -c \'setsid sh -c "echo \\$\\$ >> \\"\\$HOME/pids\\"; exec sleep 1000" & \'; echo $$ >> "$HOME/pids"; sleep 1000',
      );
      const { handle, pids } = await startWithPids(world, 2);
      const groups = await Promise.all(pids.map(async (pid) => (await new Proc().find(pid))?.groupId));

      const outcome = await world.strategy.stopSession(handle);

      expect(new Set(groups).size).toBe(2);
      expect(outcome).toStrictEqual(stopped);
      expect(await alive(pids)).toStrictEqual([]);
    });

    test('ends a descendant that left the group and dropped its environment', async () => {
      const world = await aWorld('env -i "PATH=$PATH" setsid sleep 1000 & echo $! >> "$HOME/pids"; wait');
      const { handle, pids } = await startWithPids(world, 1);

      expect(await world.strategy.stopSession(handle)).toStrictEqual(stopped);
      expect(await alive(pids)).toStrictEqual([]);
    });

    test('ends one that also loses its parent while the session is stopped', async () => {
      const world = await aWorld(
        'trap "exit 0" TERM; env -i "PATH=$PATH" setsid sh -c \'trap "" TERM; sleep 1000; sleep 1000\' & echo $! >> "$HOME/pids"; wait',
      );
      const { handle, pids } = await startWithPids(world, 1);

      expect(await world.strategy.stopSession(handle)).toStrictEqual(stopped);
      expect(await alive(pids)).toStrictEqual([]);
    });

    test('lets the agent save its work and keeps its exit code', async () => {
      const world = await aWorld(
        'trap \'echo saved > "$HOME/saved"; kill $!; exit 0\' TERM; echo $$ >> "$HOME/pids"; sleep 1000 & wait',
      );
      const { handle } = await startWithPids(world, 1);

      const outcome = await world.strategy.stopSession(handle);

      expect(outcome).toStrictEqual(stopped);
      expect(await readText(join(world.sessionsDir, handle.sessionId, 'home', 'saved'))).toBe('saved\n');
      expect(await world.strategy.pollSession(handle)).toStrictEqual({ kind: 'completed' });
    });

    test('kills an agent that ignores SIGTERM when the grace is over', async () => {
      const world = await aWorld('trap "" TERM; echo $$ >> "$HOME/pids"; sleep 1000; sleep 1000', { stopGraceMs: 60 });
      const { handle, pids } = await startWithPids(world, 1);

      expect(await world.strategy.stopSession(handle)).toStrictEqual(stopped);
      expect(await alive(pids)).toStrictEqual([]);
      expect(await world.strategy.pollSession(handle)).toStrictEqual({ kind: 'failed', error: 'session was stopped' });
    });

    test('ends what goes on when the leader was killed', async () => {
      const world = await aWorld('echo $$ >> "$HOME/pids"; exec sleep 1000', { ownerPipe: false });
      const { handle, pids } = await startWithPids(world, 1);
      process.kill(handle['pid'] as number, 'SIGKILL');
      const status = await eventually('the leader is gone', async () => {
        const now = await world.strategy.pollSession(handle);
        return now.kind !== 'running' && now;
      });

      const outcome = await world.strategy.stopSession(handle);

      expect(status).toStrictEqual({ kind: 'failed', error: 'session ended without a record' });
      expect(outcome).toStrictEqual(stopped);
      expect(await alive(pids)).toStrictEqual([]);
    });

    test('leaves alone a process that has the pid now', async () => {
      const world = await aWorld('exit 0');
      const bystander = await aWorld('exec sleep 1000');
      const theirs = await bystander.strategy.startSession(anInput());
      const ours = await world.strategy.startSession(anInput({ sessionId: 'abca-session-other-g1' as never }));
      await eventually('it ends', async () => (await world.strategy.pollSession(ours)).kind === 'completed');
      // Started before it: two processes of a test may have begun within one tick of the clock.
      const reused = { ...ours, pid: theirs['pid'], startedAtTicks: Number(theirs['startedAtTicks']) - 1 };

      const outcome = await world.strategy.stopSession(reused);

      expect(outcome).toStrictEqual({ kind: 'already_gone' });
      expect(await bystander.strategy.pollSession(theirs)).toStrictEqual({ kind: 'running' });
    });

    test('can be repeated after an abort in the grace', async () => {
      const world = await aWorld('trap "" TERM; echo $$ >> "$HOME/pids"; sleep 1000; sleep 1000', {
        stopGraceMs: 60_000,
      });
      const { handle, pids } = await startWithPids(world, 1);
      const controller = new AbortController();
      const reason = new Error('enough');
      const first = world.strategy.stopSession(handle, { signal: controller.signal });
      setImmediate(() => {
        controller.abort(reason);
      });

      await expect(first).rejects.toBe(reason);
      expect(await world.another({ stopGraceMs: 0 }).stopSession(handle)).toStrictEqual(stopped);
      expect(await alive(pids)).toStrictEqual([]);
    });
  });

  describe('pollSession()', () => {
    test.each([
      ['exit 7', 'exit code 7'],
      ['kill -KILL $$', 'exit code 137 (SIGKILL)'],
      ['exec /nowhere/at-all', 'exit code 127: the agent program was not found'],
    ])('shows how `%s` ended', async (script, error) => {
      const world = await aWorld(script);
      const handle = await world.strategy.startSession(anInput());

      const status = await eventually('it ends', async () => {
        const now = await world.strategy.pollSession(handle);
        return now.kind !== 'running' && now;
      });

      expect(status).toStrictEqual({ kind: 'failed', error });
    });

    test('an agent that ended leaves nothing of its group behind', async () => {
      const world = await aWorld('sleep 1000 & echo $! >> "$HOME/pids"; exit 0');
      const { handle, pids } = await startWithPids(world, 1);

      await eventually('the group is empty', async () => (await alive(pids)).length === 0);

      expect(await world.strategy.pollSession(handle)).toStrictEqual({ kind: 'completed' });
    });
  });

  describe('startSession()', () => {
    test('gives the agent an environment and folders of its own', async () => {
      const world = await aWorld('env > "$HOME/all"; mv "$HOME/all" "$HOME/environment"; pwd > "$HOME/cwd"', {
        extraEnv: { FROM_PLATFORM: 'yes', HOME: '/elsewhere' },
      });
      const { sessionId, workspaceDir } = await world.strategy.startSession(
        anInput({ environment: { ABCA_TASK_ID: 'x\ny "z"', PATH: '/elsewhere' } }),
      );

      const text = await world.read(sessionId, 'home/environment');
      const names = text.split('\n').flatMap((line) => /^([A-Z_]+)=/.exec(line)?.[1] ?? []);
      expect(names.filter((name) => !['PWD', 'OLDPWD', 'SHLVL', '_'].includes(name)).sort()).toStrictEqual([
        'ABCA_SESSION_ID',
        'ABCA_TASK_ID',
        'ABCA_WORKSPACE_DIR',
        'FROM_PLATFORM',
        'HOME',
        'LANG',
        'PATH',
        'TEST_OWNER_PID',
        'TMPDIR',
        'TZ',
      ]);
      expect(text).toContain(`HOME=${join(world.sessionsDir, sessionId, 'home')}\n`);
      expect(text).toContain(`ABCA_WORKSPACE_DIR=${String(workspaceDir)}\n`);
      expect(await world.read(sessionId, 'home/cwd')).toBe(`${String(workspaceDir)}\n`);
    });

    test('keeps what the agent prints in a file', async () => {
      const world = await aWorld('echo out; echo err >&2');
      const { sessionId } = await world.strategy.startSession(anInput());

      expect(
        await eventually('both lines', async () => {
          const text = await world.read(sessionId, 'agent.log');
          return text.includes('err') && text;
        }),
      ).toBe('out\nerr\n');
    });

    test('refuses a session id that is no folder name', async () => {
      const world = await aWorld('exit 0');

      await expect(world.strategy.startSession(anInput({ sessionId: '../x' as never }))).rejects.toMatchObject({
        code: 'SESSION_START_FAILED',
      });
    });

    test('refuses settings it does not know', async () => {
      const world = await aWorld('exit 0');

      await expect(world.strategy.startSession(anInput({ compute: { memory: 3 } }))).rejects.toMatchObject({
        code: 'SESSION_START_FAILED',
        message: expect.stringContaining('memory'),
      });
    });

    test('refuses a damaged record rather than start a second agent', async () => {
      const world = await aWorld('exit 0');
      const { sessionId } = await world.strategy.startSession(anInput());
      await run('sh', ['-c', 'echo broken > "$1"', 'sh', join(world.sessionsDir, sessionId, 'claim')]);

      await expect(world.strategy.startSession(anInput())).rejects.toMatchObject({
        code: 'SESSION_START_FAILED',
        retryable: false,
      });
    });

    test('says so where the kernel shows no processes', async () => {
      const world = await aWorld('exit 0');
      const strategy = new LocalComputeStrategy({ ...world.options, procDir: join(world.root, 'no-proc') });

      await expect(strategy.startSession(anInput())).rejects.toMatchObject({ code: 'UNSUPPORTED_PLATFORM' });
    });
  });
});
