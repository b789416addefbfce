import { AbcaError } from '@abca/core';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { openDataFolder, type DataFolder, type PlatformState } from './data-folder.ts';

let root: string;
let dir: string;
const held: DataFolder[] = [];
const state: PlatformState = {
  pid: 4711,
  url: 'http://127.0.0.1:5000',
  ports: { api: 5000, dynamodb: 5001, lambda: 5002 },
};

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'abca-folder-'));
  dir = join(root, 'data');
});

afterEach(async () => {
  await Promise.all(held.splice(0).map((folder) => folder.release()));
  rmSync(root, { recursive: true, force: true });
});

async function take(...args: Parameters<typeof openDataFolder>): Promise<DataFolder> {
  const folder = await openDataFolder(...args);
  held.push(folder);
  return folder;
}

async function errorOf(opening: Promise<unknown>): Promise<AbcaError> {
  const error: unknown = await opening.catch((caught: unknown) => caught);
  if (AbcaError.is(error)) return error;
  throw new Error('the folder was opened', { cause: error });
}

describe('openDataFolder()', () => {
  test('makes the folder and its secrets for the eyes of the owner alone', async () => {
    const folder = await take(dir);
    folder.writeState(state);

    const modes = ['', 'secrets.json', 'token', 'platform.json'].map((name) => statSync(join(dir, name)).mode & 0o777);
    expect(modes).toStrictEqual([0o700, 0o600, 0o600, 0o600]);
    expect(folder.previous).toBeUndefined();
  });

  test('makes a folder that others could read private', async () => {
    mkdirSync(dir, { mode: 0o755 });

    await take(dir);

    expect(statSync(dir).mode & 0o777).toBe(0o700);
  });

  test('knows its token, its key and the last state again', async () => {
    const first = await take(dir);
    first.writeState(state);
    await first.release();

    const second = await take(dir);

    expect([second.token, second.accessKeyId]).toStrictEqual([first.token, first.accessKeyId]);
    expect(second.previous).toStrictEqual(state);
  });

  test('takes a token that is given, and keeps it for the command line', async () => {
    const folder = await take(dir, 'a-token-of-my-own');

    expect(folder.token).toBe('a-token-of-my-own');
    expect(readFileSync(join(dir, 'token'), 'utf8').trim()).toBe('a-token-of-my-own');
  });

  test('makes another token and key for another folder', async () => {
    const [first, second] = [await take(dir), await take(join(root, 'other'))];

    expect(second.token).not.toBe(first.token);
    expect(second.accessKeyId).not.toBe(first.accessKeyId);
  });

  test.each(['data', 'link'])('is refused while a platform holds it, by the name %s, and says which', async (name) => {
    const first = await take(dir);
    first.writeState(state);
    symlinkSync(dir, join(root, 'link'));

    const error = await errorOf(openDataFolder(join(root, name)));

    expect(error.code).toBe('DATA_FOLDER_LOCKED');
    expect(error.message).toContain('process 4711, http://127.0.0.1:5000');
  });

  test('is free again once it is released', async () => {
    const first = await take(dir);
    await first.release();

    const second = await take(dir);

    expect(second.dir).toBe(dir);
  });

  test('is free again once its holder is killed', async () => {
    const url = new URL('./data-folder.ts', import.meta.url);
    const program = `await (await import(${JSON.stringify(fileURLToPath(url))})).openDataFolder(${JSON.stringify(dir)}); console.log('held'); setInterval(() => {}, 1000); process.stdin.on('end', () => process.exit()).resume();`;
    const args = ['--conditions=@abca/source', '--input-type=module', '--eval', program];
    const holder = spawn(process.execPath, args, {
      env: { PATH: process.env['PATH'] },
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    await once(holder.stdout, 'data');

    const refused = await errorOf(openDataFolder(dir));
    holder.kill('SIGKILL');
    await once(holder, 'close');
    const folder = await take(dir);

    expect(refused.code).toBe('DATA_FOLDER_LOCKED');
    expect(folder.dir).toBe(dir);
  });

  test.each([
    ['platform.json', '{"pid":'],
    ['platform.json', '{"pid":"me"}'],
    ['secrets.json', 'nothing'],
  ])('says that %s is damaged (%s), and does not hold the folder then', async (name, text) => {
    const first = await take(dir);
    await first.release();
    writeFileSync(join(dir, name), text);

    const error = await errorOf(openDataFolder(dir));
    rmSync(join(dir, name));
    const repaired = await take(dir);

    expect(error.code).toBe('DATA_FOLDER_CORRUPT');
    expect(error.message).toContain(join(dir, name));
    expect(repaired.dir).toBe(dir);
  });
});
