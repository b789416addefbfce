import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { findConnection } from './connection.ts';

let root: string;
const url = 'http://127.0.0.1:4000';
const token = 'the-token-of-the-folder';

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'abca-connection-'));
});
afterEach(() => {
  rmSync(root, { recursive: true });
});

function platformIn(folder: string): void {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'platform.json'), JSON.stringify({ pid: 1, url, ports: {} }));
  writeFileSync(join(folder, 'token'), `${token}\n`);
}

const find = (
  flags: { url?: string; token?: string; dataDir?: string } = {},
  env: Record<string, string> = {},
  cwd = root,
) => findConnection({ flags, env, cwd });

describe('findConnection()', () => {
  test('finds the data folder from the current folder upwards', () => {
    platformIn(join(root, '.abca'));
    mkdirSync(join(root, 'a/b'), { recursive: true });

    expect(find({}, {}, join(root, 'a/b'))).toStrictEqual({ url, token, source: join(root, '.abca') });
  });

  test('takes the folder that abca.json names', () => {
    platformIn(join(root, 'elsewhere'));
    writeFileSync(join(root, 'abca.json'), '{"dataDir":"elsewhere"}');

    expect(find()).toMatchObject({ url, token });
  });

  test('takes --data-dir before ABCA_DATA_DIR before what it finds', () => {
    platformIn(join(root, 'one'));
    platformIn(join(root, '.abca'));

    expect(find({ dataDir: 'one' }, { ABCA_DATA_DIR: 'two' }).source).toBe(join(root, 'one'));
    expect(() => find({}, { ABCA_DATA_DIR: 'two' })).toThrow(`no platform was ever started on ${join(root, 'two')}`);
  });

  test('takes --url before ABCA_URL before the folder', () => {
    platformIn(join(root, '.abca'));
    const env = { ABCA_URL: 'http://one:1', ABCA_TOKEN: 'env-token' };

    expect(find({ url: 'http://two:2/', token: 'flag-token' }, env)).toStrictEqual({
      url: 'http://two:2',
      token: 'flag-token',
      source: '--url',
    });
    expect(find({}, env)).toStrictEqual({ url: 'http://one:1', token: 'env-token', source: 'ABCA_URL' });
  });

  test('gives the token of the folder to nobody but the platform of the folder', () => {
    platformIn(join(root, '.abca'));

    expect(find({ url: 'http://elsewhere:1' })).toStrictEqual({ url: 'http://elsewhere:1', source: '--url' });
    expect(find({ url: `${url}/` })).toStrictEqual({ url, token, source: '--url' });
  });

  test('says where it looked when there is none', () => {
    expect(() => find()).toThrow(`no platform found: no .abca folder in ${root} or above it`);
  });

  test.each(['nonsense', 'ftp://x', 'file:///etc'])('refuses the address %j', (address) => {
    expect(() => find({ url: address })).toThrow(`the address of the platform is not a URL: "${address}"`);
  });
});
