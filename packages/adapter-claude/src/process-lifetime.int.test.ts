import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, test } from '@jest/globals';
import { aBench, type Bench, bash } from './run-claude.test-kit.ts';

const benches: Bench[] = [];
afterEach(async () => {
  await Promise.all(benches.splice(0).map((bench) => bench.dispose()));
});

/** The shell, children: in the background, in a session of its own, without a parent, with a cleared environment. */
const family = [
  'echo $$ > pids',
  'sleep 600 & echo $! >> pids',
  'setsid sleep 600 & echo $! >> pids',
  '(nohup sleep 600 >/dev/null 2>&1 & echo $! >> pids)',
  'env -i sleep 600 & echo $! >> pids',
  'touch ready',
  'wait',
].join('\n');

async function start(): Promise<Bench> {
  const bench = await aBench({ turns: [bash(family), { text: 'never' }] });
  benches.push(bench);
  return bench;
}

/** Bounded poll: what is waited for happens in other processes. */
async function eventually(holds: () => boolean | Promise<boolean>): Promise<boolean> {
  for (let tries = 0; tries < 300; tries += 1) {
    if (await holds()) return true;
    await sleep(50);
  }
  return false;
}

const isReady = ({ workspaceDir }: Bench): Promise<boolean> =>
  eventually(() => existsSync(join(workspaceDir, 'ready')));

async function familyOf({ workspaceDir }: Bench): Promise<number[]> {
  return (await readFile(join(workspaceDir, 'pids'), 'utf8')).trim().split('\n').map(Number);
}

/** A zombie is dead: it only waits for its parent to read how it ended. */
function isAlive(pid: number): boolean {
  try {
    return !/\) [ZX] /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
}

/** Processes that have the run's home in their environment: the program, its shells, and all below. */
async function processesOf({ input }: Bench): Promise<number[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const environments = await Promise.all(pids.map((pid) => readFile(`/proc/${pid}/environ`, 'utf8').catch(() => '')));
  return pids.filter((_, index) => environments[index]?.includes(`HOME=${input.homeDir}\0`)).map(Number);
}

/** Guards of runs: they carry the mark in their arguments, and must be gone as well. */
async function guardsOf(parent: ChildProcess | undefined): Promise<number> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const stats = await Promise.all(pids.map((pid) => readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '')));
  return stats.filter((stat) => stat.includes('(sh)') && stat.split(') ')[1]?.split(' ')[1] === String(parent?.pid))
    .length;
}

describe('ClaudeCodingAgent › lifetime of its processes', () => {
  test('an abort ends the run and everything it started, and says why', async () => {
    const bench = await start();
    const abort = new AbortController();

    const running = bench.run({ signal: abort.signal });
    const ready = await isReady(bench);
    const pids = await familyOf(bench);
    const before = pids.map(isAlive);
    abort.abort(new Error('cancelled by the user'));
    const outcome = await running;

    expect(ready).toBe(true);
    expect(before).toStrictEqual([true, true, true, true, true]);
    expect(outcome).toMatchObject({ kind: 'stopped', reason: 'cancelled by the user', turns: 1 });
    expect(pids.filter(isAlive)).toStrictEqual([]);
    expect(await processesOf(bench)).toStrictEqual([]);
  });

  test('a run that was aborted before it began starts nothing', async () => {
    const bench = await start();

    const outcome = await bench.run({ signal: AbortSignal.abort('not wanted') });

    expect(outcome).toMatchObject({ kind: 'stopped', reason: 'not wanted', turns: 0 });
    expect(bench.model.requests).toHaveLength(0);
  });

  test('an abort in the middle of the start leaves nothing behind', async () => {
    const bench = await start();
    const abort = new AbortController();

    const running = bench.run({ signal: abort.signal });
    await eventually(async () => (await processesOf(bench)).length > 0);
    abort.abort(new Error('at once'));
    const outcome = await running;

    expect(outcome).toMatchObject({ kind: 'stopped', reason: 'at once' });
    expect(await processesOf(bench)).toStrictEqual([]);
  });

  test('a process that the agent left in the background ends with the run', async () => {
    const bench = await aBench({
      turns: [bash('(setsid sleep 600 >/dev/null 2>&1 & echo $! > pids)'), { text: 'done' }],
    });
    benches.push(bench);

    const outcome = await bench.run();

    expect(outcome.kind).toBe('finished');
    expect((await familyOf(bench)).filter(isAlive)).toStrictEqual([]);
    expect(await processesOf(bench)).toStrictEqual([]);
  });

  test('a SIGKILL of the process that runs the agent ends everything the run started', async () => {
    const bench = await start();
    const program = fileURLToPath(new URL('./killed-parent.test-kit.ts', import.meta.url));
    const { PATH = '' } = process.env;
    const parent = spawn(
      process.execPath,
      ['--conditions=@abca/source', program, bench.model.url, bench.workspaceDir, bench.input.homeDir],
      { env: { PATH, HOME: bench.input.homeDir }, stdio: ['ignore', 'ignore', 'inherit'] },
    );
    const exited = once(parent, 'exit');

    const ready = await Promise.race([isReady(bench), exited.then(() => false)]);
    const pids = await familyOf(bench);
    const guards = await guardsOf(parent);
    parent.kill('SIGKILL');
    await exited;
    const isGone = await eventually(async () => (await processesOf(bench)).length === 0);

    expect([ready, guards]).toStrictEqual([true, 1]);
    expect(isGone).toBe(true);
    expect(pids.filter(isAlive)).toStrictEqual([]);
  });
});
