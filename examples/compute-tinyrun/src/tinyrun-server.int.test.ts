import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { TinyRunServer } from './tinyrun-server.test-kit.ts';

let dir: string;
let server: TinyRunServer;

beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'tinyrun-test-'));
  server = await TinyRunServer.start({ stopGraceMs: 50 });
});

afterEach(async () => {
  await server.close();
  rmSync(dir, { recursive: true });
});

async function call(method: string, path: string, body?: object): Promise<[number, unknown]> {
  const response = await fetch(server.endpoint + path, {
    method,
    headers: { authorization: `Bearer ${server.apiKey}` },
    ...(body && { body: JSON.stringify(body) }),
  });
  return [response.status, await response.json()];
}

const job = { program: 'p', size: 'small', env: {} };
const deploy = (script: string, env = {}): Promise<unknown> =>
  call('PUT', '/programs/p', { command: ['/bin/sh', '-c', script], env });

/** Look until `probe` answers something. @throws after ten seconds */
async function eventually<T>(probe: () => T | undefined): Promise<T> {
  for (const endMs = Date.now() + 10_000; Date.now() < endMs; await pause(5)) {
    const seen = probe();
    if (seen !== undefined) return seen;
  }
  throw new Error('it did not happen');
}

function textOf(file: string): string | undefined {
  try {
    return readFileSync(join(dir, file), 'utf8').trim() || undefined;
  } catch {
    return undefined;
  }
}

/** Zombies count as gone: nobody waits for them in a container. */
function isGone(pid: string): true | undefined {
  try {
    return /^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8')) || undefined;
  } catch {
    return true;
  }
}

describe('the TinyRun of the tests', () => {
  test('runs a program with its environment, that of the job over it, and nothing of its own', async () => {
    await deploy('env > "$OUT"', { OUT: join(dir, 'env'), BOTH: 'program' });

    await call('PUT', '/jobs/j', { ...job, env: { BOTH: 'job', HOME: '/elsewhere' } });
    await server.whenOver('j');

    const env = readFileSync(join(dir, 'env'), 'utf8').split('\n');
    expect(env).toContain('BOTH=job');
    expect(env).not.toContain('HOME=/elsewhere');
    expect(env.filter((line) => line.startsWith('npm_') || line.startsWith('JEST'))).toStrictEqual([]);
  });

  test('keeps the record of a job, under whose id nothing is started again', async () => {
    await deploy('exit 4');

    expect(await call('PUT', '/jobs/j', job)).toStrictEqual([201, { id: 'j', state: 'running' }]);
    await server.whenOver('j');

    const over = { id: 'j', state: 'exited', exit_code: 4 };
    expect(await call('PUT', '/jobs/j', job)).toStrictEqual([200, over]);
    expect(await call('DELETE', '/jobs/j')).toStrictEqual([200, over]);
    expect(await call('GET', '/jobs/j')).toStrictEqual([200, over]);
    expect(server.starts).toStrictEqual(['j']);
  });

  test('ends a job that does not listen, with what it started', async () => {
    await deploy(`trap '' TERM; sleep 1000 & echo $! > "$OUT"; wait; wait`, { OUT: join(dir, 'pid') });
    await call('PUT', '/jobs/j', job);
    const pid = await eventually(() => textOf('pid'));

    expect(await call('DELETE', '/jobs/j')).toStrictEqual([202, { id: 'j', state: 'stopping' }]);
    expect(await call('DELETE', '/jobs/j')).toStrictEqual([202, { id: 'j', state: 'stopping' }]);
    await server.whenOver('j');

    expect(await call('GET', '/jobs/j')).toStrictEqual([200, { id: 'j', state: 'stopped' }]);
    await eventually(() => isGone(pid));
  });

  test('knows no job that never was, and refuses what is none', async () => {
    expect((await call('GET', '/jobs/j'))[0]).toBe(404);
    expect((await call('DELETE', '/jobs/j'))[0]).toBe(404);
    expect((await call('PUT', '/jobs/j', job))[0]).toBe(422);
    expect((await call('PUT', '/jobs/J', job))[0]).toBe(422);
    expect((await call('PUT', '/programs/p', { command: [] }))[0]).toBe(422);
    expect((await call('POST', '/jobs/j'))[0]).toBe(405);
  });

  test('ends its jobs with the process that it is in, however that ends', async () => {
    const program = new URL('tinyrun-program.test-kit.ts', import.meta.url).pathname;
    const child = spawn(process.execPath, ['--conditions=@abca/source', program], {
      stdio: ['pipe', 'pipe', 'inherit'],
      env: { ...process.env, TMPDIR: dir },
    });
    const [line] = (await once(createInterface(child.stdout), 'line')) as [string];
    const other = JSON.parse(line) as { endpoint: string; apiKey: string };
    const send = (path: string, body: object): Promise<Response> =>
      fetch(other.endpoint + path, {
        method: 'PUT',
        headers: { authorization: `Bearer ${other.apiKey}` },
        body: JSON.stringify(body),
      });
    const command = ['/bin/sh', '-c', 'echo $$ > "$OUT"; exec sleep 1000'];
    await send('/programs/p', { command, env: { OUT: join(dir, 'pid') } });
    await send('/jobs/j', job);
    const pid = await eventually(() => textOf('pid'));

    child.kill('SIGKILL');

    await eventually(() => isGone(pid));
  });
});
