import { AbcaError, limits } from '@abca/core';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  environmentKey,
  isLoopback,
  loadPlatformConfig,
  platformConfigKeys,
  type ConfigSources,
} from './platform-config.ts';

let cwd: string;

beforeEach(() => {
  cwd = mkdtempSync(join(tmpdir(), 'abca-config-'));
});

afterEach(() => {
  rmSync(cwd, { recursive: true, force: true });
});

function load(sources: Partial<ConfigSources> = {}): ReturnType<typeof loadPlatformConfig> {
  return loadPlatformConfig({ env: {}, cwd, ...sources });
}

function problemOf(sources: Partial<ConfigSources>): AbcaError {
  try {
    load(sources);
  } catch (error) {
    if (AbcaError.is(error, 'CONFIG_INVALID')) return error;
  }
  throw new Error('the configuration was accepted');
}

describe('loadPlatformConfig()', () => {
  test('has a default for everything', () => {
    const config = load();

    expect(config).toStrictEqual({
      dataDir: join(cwd, '.abca'),
      host: '127.0.0.1',
      port: 0,
      heartbeatMs: limits.heartbeatIntervalMs,
      leaseMs: limits.heartbeatLostMs,
      sessionMs: limits.sessionMs,
      stopGraceMs: 10_000,
      reconcileMs: 60_000,
      ownSessions: false,
    });
  });

  test('takes flags over the environment over abca.json', () => {
    writeFileSync(join(cwd, 'abca.json'), JSON.stringify({ port: 1, stopGraceMs: 1_000, sessionMs: 10_000 }));

    const config = load({ flags: { port: 3 }, env: { ABCA_PORT: '2', ABCA_STOP_GRACE_MS: '2000' } });

    expect(config).toMatchObject({ port: 3, stopGraceMs: 2_000, sessionMs: 10_000 });
  });

  test('takes an empty value for none', () => {
    const config = load({ flags: { port: undefined }, env: { ABCA_PORT: '', ABCA_HOST: '' } });

    expect(config).toMatchObject({ port: 0, host: '127.0.0.1' });
  });

  test('resolves paths against the working folder, and leaves absolute ones alone', () => {
    const config = load({ flags: { dataDir: '/somewhere/data', modelScript: 'script.json' } });

    expect(config).toMatchObject({ dataDir: '/somewhere/data', modelScript: join(cwd, 'script.json') });
  });

  test.each([
    ['true', true],
    ['false', false],
  ])('reads %s of the environment as a truth value', (text, value) => {
    const config = load({ env: { ABCA_OWN_SESSIONS: text } });

    expect(config.ownSessions).toBe(value);
  });

  test('tells every problem at once', () => {
    const { message } = problemOf({ flags: { port: 70_000, token: 'short' }, env: { ABCA_SESSION_MS: 'soon' } });

    expect(message).toMatch(/port/);
    expect(message).toMatch(/token/);
    expect(message).toMatch(/sessionMs/);
  });

  test.each<[string, Partial<ConfigSources>, RegExp]>([
    ['a host that others reach, without a token', { flags: { host: '0.0.0.0' } }, /set a token too/],
    ['a lease shorter than two heartbeats', { flags: { heartbeatMs: 1_000, leaseMs: 1_999 } }, /at least twice/],
    ['a name that is none', { flags: { prot: 80 } as never }, /prot/],
  ])('refuses %s', (_name, sources, message) => {
    expect(problemOf(sources).message).toMatch(message);
  });

  test('takes a host that others reach with a token', () => {
    const config = load({ flags: { host: '0.0.0.0', token: 'a-token-of-sixteen' } });

    expect(config).toMatchObject({ host: '0.0.0.0', token: 'a-token-of-sixteen' });
  });

  test.each([
    ['no JSON', '{'],
    ['no object', '[1]'],
  ])('refuses an abca.json that is %s, and names it', (_name, text) => {
    writeFileSync(join(cwd, 'abca.json'), text);

    expect(problemOf({}).message).toContain(join(cwd, 'abca.json'));
  });

  test('refuses an unknown name in abca.json', () => {
    writeFileSync(join(cwd, 'abca.json'), '{"dataDri":"x"}');

    expect(problemOf({}).message).toContain('dataDri');
  });
});

describe('environmentKey()', () => {
  test('gives every setting a variable of its own', () => {
    const keys = platformConfigKeys.map(environmentKey);

    expect(environmentKey('stopGraceMs')).toBe('ABCA_STOP_GRACE_MS');
    expect(new Set(keys).size).toBe(platformConfigKeys.length);
  });
});

describe('isLoopback()', () => {
  test.each([
    ['127.0.0.1', true],
    ['127.8.9.10', true],
    ['localhost', true],
    ['::1', true],
    ['0.0.0.0', false],
    ['127.0.0.1.example.com', false],
    ['192.168.1.5', false],
  ])('%s: %s', (host, expected) => {
    expect(isLoopback(host)).toBe(expected);
  });
});
