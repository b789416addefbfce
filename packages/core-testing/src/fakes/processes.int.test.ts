import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { spawnOwnedProcess, type OwnedProcess } from './processes.ts';

let cwd: string;
const running: OwnedProcess[] = [];

beforeEach(async () => {
  cwd = await mkdtemp(join(tmpdir(), 'abca-owned-'));
});
afterEach(async () => {
  await Promise.all(running.splice(0).map((owned) => owned.stop(0)));
  await rm(cwd, { recursive: true, force: true });
});

async function shell(script: string, env: Readonly<Record<string, string>> = {}): Promise<OwnedProcess> {
  const command = ['/bin/sh', '-c', script] as const;
  const owned = await spawnOwnedProcess({ command, cwd, env: { PATH: '/usr/bin:/bin', ...env } });
  running.push(owned);
  return owned;
}

/** Bounded poll: fifteen seconds. */
async function eventually<T>(what: string, probe: () => T | Promise<T>): Promise<NonNullable<T>> {
  for (let turn = 0; turn < 3_000; turn += 1) {
    const found = await probe();
    if (found !== undefined && found !== null && found !== false) return found;
    await sleep(5);
  }
  throw new Error(`did not happen: ${what}`);
}

/** A pid that is written to a file of the working folder. */
function pidFrom(name: string): Promise<number> {
  return eventually(name, async () => Number(await readFile(join(cwd, name), 'utf8').catch(() => '')) || undefined);
}

/** Zombies do not run. */
async function runs(pid: number): Promise<boolean> {
  const stat = await readFile(`/proc/${String(pid)}/stat`, 'utf8').catch(() => undefined);
  return stat !== undefined && !/\) [ZX] /.test(stat);
}

/** A grandchild in a session of its own, which ignores SIGTERM, and then a wait for ever. */
const escapes = `setsid sh -c 'trap "" TERM; echo $$ > escaped; while :; do sleep 60; done' & `;

describe('spawnOwnedProcess()', () => {
  test('runs a program with exactly its environment, in its folder', async () => {
    const owned = await spawnOwnedProcess({ command: ['/usr/bin/env'], cwd, env: { A: 'b c', D: '$E' } });
    running.push(owned);

    expect(await owned.exited).toStrictEqual({ exitCode: 0 });
    expect(owned.output().trim().split('\n').sort()).toStrictEqual([
      'A=b c',
      expect.stringMatching(/^ABCA_TEST_CONTAINER=[-0-9a-f]{36}$/),
      'D=$E',
    ]);
  });

  test.each([
    ['its own code', 'exit 7', 7],
    ['128 and the signal', 'kill -KILL $$', 137],
    ['127 where it is not found', 'exec /does/not/exist', 127],
  ])('ends with %s', async (_what, script, exitCode) => {
    expect(await (await shell(script)).exited).toStrictEqual({ exitCode });
  });

  test('refuses a folder that does not exist', async () => {
    await expect(spawnOwnedProcess({ command: ['true'], cwd: '/does/not/exist', env: {} })).rejects.toThrow(
      'could not start in /does/not/exist',
    );
  });

  test('a stop lets the program end in its own way', async () => {
    const owned = await shell(`trap 'echo bye; exit 3' TERM; echo up > up; while :; do sleep 0.01; done`);
    await eventually('it runs', () => existsSync(join(cwd, 'up')));

    expect(await owned.stop(10_000)).toStrictEqual({ exitCode: 3 });
    expect(owned.output()).toContain('bye');
    expect(await owned.stop(0)).toStrictEqual({ exitCode: 3 });
  });

  test('a stop kills what does not end within the grace, grandchildren outside the group too (L23)', async () => {
    const owned = await shell(`${escapes} trap '' TERM; while :; do sleep 60; done`);
    const escaped = await pidFrom('escaped');

    expect(await owned.stop(50)).toStrictEqual({ exitCode: 137 });
    expect(await runs(escaped)).toBe(false);
  });

  test('what a program leaves behind ends with it', async () => {
    const owned = await shell(`${escapes} while [ ! -s escaped ]; do sleep 0.01; done`);

    expect(await owned.exited).toStrictEqual({ exitCode: 0 });
    expect(await runs(await pidFrom('escaped'))).toBe(false);
  });

  test('nothing outlives a test process that is killed', async () => {
    const script = `
      import { spawnOwnedProcess } from ${JSON.stringify(import.meta.resolve('./processes.ts'))};
      const script = ${JSON.stringify(`${escapes} echo $$ > leader; while :; do sleep 60; done`)};
      await spawnOwnedProcess({ command: ['/bin/sh', '-c', script], cwd: process.cwd(), env: { PATH: '/usr/bin:/bin' } });
      setInterval(() => undefined, 1000);`;
    const owner = spawn(process.execPath, ['--input-type=module', '--eval', script], { cwd, stdio: 'ignore' });
    const pids = [await pidFrom('leader'), await pidFrom('escaped')];

    owner.kill('SIGKILL');
    await once(owner, 'exit');

    await eventually('all are gone', async () => !(await Promise.all(pids.map(runs))).includes(true));
  });
});
