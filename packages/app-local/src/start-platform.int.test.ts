import 'reflect-metadata';
import { AbcaError } from '@abca/core';
import { CapturingLogger } from '@abca/core/testing';
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadPlatformConfig } from './platform-config.ts';
import type { Platform } from './platform.ts';
import { startPlatform } from './start-platform.ts';

// Databases and servers on a machine that others may keep busy.
jest.setTimeout(30_000);

let root: string;
const running: Platform[] = [];

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'abca-platform-'));
});

afterEach(async () => {
  await Promise.all(running.splice(0).map((platform) => platform.stop('now')));
  rmSync(root, { recursive: true, force: true });
});

async function start(name: string, flags: Readonly<Record<string, unknown>> = {}): Promise<Platform> {
  const config = loadPlatformConfig({ flags: { dataDir: join(root, name), ...flags }, env: {}, cwd: root });
  const platform = await startPlatform(config, {
    env: { PATH: process.env['PATH'] },
    logger: new CapturingLogger(),
    agentCommand: ['/bin/false'],
  });
  running.push(platform);
  return platform;
}

async function startError(name: string, flags?: Readonly<Record<string, unknown>>): Promise<AbcaError> {
  const error: unknown = await start(name, flags).catch((caught: unknown) => caught);
  if (AbcaError.is(error)) return error;
  throw new Error('the platform started', { cause: error });
}

function portsOf(name: string): Readonly<Record<string, number>> {
  const text = readFileSync(join(root, name, 'platform.json'), 'utf8');
  return (JSON.parse(text) as { ports: Record<string, number> }).ports;
}

/** Whether something listens on a port of loopback. */
function isTaken(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.destroy();
      resolve(true);
    });
    socket.on('error', () => {
      resolve(false);
    });
  });
}

async function health(platform: Platform): Promise<number> {
  return (await fetch(`${platform.url}/v1/health`)).status;
}

async function listTasks(url: string, token: string): Promise<number> {
  return (await fetch(`${url}/v1/tasks`, { headers: { authorization: `Bearer ${token}` } })).status;
}

describe('startPlatform()', () => {
  test('serves the API on loopback, to whoever has the token', async () => {
    const platform = await start('one');

    expect(platform.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
    expect(platform.modelLabel).toBe('scripted');
    expect(await health(platform)).toBe(200);
    expect(await listTasks(platform.url, platform.token)).toBe(200);
    expect(await listTasks(platform.url, 'another-token-it-is')).toBe(401);
  });

  test('runs side by side with another, without a port, a token or a folder in common', async () => {
    const [one, two] = await Promise.all([start('one'), start('two')]);

    const ports = [portsOf('one'), portsOf('two')].flatMap(Object.values);
    expect(new Set(ports).size).toBe(10);
    expect(one.token).not.toBe(two.token);
    expect(one.dataDir).not.toBe(two.dataDir);
    expect(await listTasks(two.url, one.token)).toBe(401);
  });

  test('listens where it did at the last start', async () => {
    const first = await start('one');
    const ports = portsOf('one');
    await first.stop('graceful');

    const second = await start('one');

    expect([second.url, second.token]).toStrictEqual([first.url, first.token]);
    expect(portsOf('one')).toStrictEqual(ports);
  });

  test('listens elsewhere when a port of the last start was taken meanwhile', async () => {
    const first = await start('one');
    await first.stop('now');
    const others = await Promise.all(Object.values(portsOf('one')).map(occupy));

    const second = await start('one');

    const before = others.map((server) => (server.address() as AddressInfo).port);
    expect(Object.values(portsOf('one')).filter((port) => before.includes(port))).toStrictEqual([]);
    expect(await health(second)).toBe(200);
    for (const server of others) server.close();
  });

  test('says DATA_FOLDER_LOCKED for a folder in use, and leaves its platform alone', async () => {
    const first = await start('one');

    const error = await startError('one');

    expect(error.code).toBe('DATA_FOLDER_LOCKED');
    expect(error.message).toContain(first.url);
    expect(await health(first)).toBe(200);
  });

  test('says PORT_IN_USE for a given port that is taken, and lets go of all that it had', async () => {
    const other = await occupy(0);
    const { port } = other.address() as AddressInfo;

    const error = await startError('one', { port });
    const again = await start('one');

    expect(error.code).toBe('PORT_IN_USE');
    expect(error.message).toContain(String(port));
    expect(await health(again)).toBe(200);
    other.close();
  });

  test('says DATA_FOLDER_CORRUPT for a database that cannot be read, and does not touch it', async () => {
    const first = await start('one');
    await first.stop('graceful');
    const file = join(root, 'one', 'database.sqlite');
    writeFileSync(file, 'this is no database, and was none\n'.repeat(500));
    const before = readFileSync(file);

    const error = await startError('one');

    expect(error.code).toBe('DATA_FOLDER_CORRUPT');
    expect(error.message).toContain(file);
    expect(readFileSync(file)).toStrictEqual(before);
  });

  test('says that a script of the model cannot be read, and holds nothing then', async () => {
    const config = { modelScript: join(root, 'absent.json') };

    const error: unknown = await start('one', config).catch((caught: unknown) => caught);
    const again = await start('one');

    expect(String(error)).toContain('absent.json');
    expect(await health(again)).toBe(200);
  });
});

describe('stop()', () => {
  test.each(['graceful', 'now'] as const)('%s lets go of every port, and can be repeated', async (mode) => {
    const platform = await start('one');
    const ports = Object.values(portsOf('one'));
    expect(await Promise.all(ports.map(isTaken))).toStrictEqual(ports.map(() => true));

    await Promise.all([platform.stop(mode), platform.stop(mode)]);
    await platform.stop('now');

    expect(await Promise.all(ports.map(isTaken))).toStrictEqual(ports.map(() => false));
  });
});

function occupy(port: number): Promise<ReturnType<typeof createServer>> {
  const server = createServer();
  return new Promise((resolve) => {
    server.listen(port, '127.0.0.1', () => {
      resolve(server);
    });
  });
}
