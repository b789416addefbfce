import { describe, expect, test } from '@jest/globals';
import { AbcaError } from '../errors/abca-error.ts';
import type { Logger } from '../ports/logger.ts';
import { createJsonLogger, type JsonLoggerOptions } from './json-logger.ts';

const nowMs = Date.UTC(2026, 0, 31, 12);
const secret = `ghp_${'a1B2'.repeat(9)}`;

function aLogger(options: Partial<JsonLoggerOptions> = {}): { logger: Logger; lines: () => Record<string, unknown>[] } {
  const written: string[] = [];
  const logger = createJsonLogger((line) => written.push(line), { clock: { nowMs: () => nowMs }, ...options });
  return { logger, lines: () => written.map((line) => JSON.parse(line) as Record<string, unknown>) };
}

describe('createJsonLogger()', () => {
  test('writes time, level, message and fields as one JSON line', () => {
    const { logger, lines } = aLogger();

    logger.warn('event dropped', { reason: 'ValidationException', count: 2 });

    expect(lines()).toStrictEqual([
      {
        time: '2026-01-31T12:00:00.000Z',
        level: 'warn',
        message: 'event dropped',
        reason: 'ValidationException',
        count: 2,
      },
    ]);
  });

  test('leaves out what is below the level', () => {
    const { logger, lines } = aLogger({ level: 'warn' });

    logger.debug('a');
    logger.info('b');
    logger.warn('c');
    logger.error('d');

    expect(lines().map(({ message }) => message)).toStrictEqual(['c', 'd']);
  });

  test('writes info and leaves out debug when no level is given', () => {
    const { logger, lines } = aLogger();

    logger.debug('a');
    logger.info('b');

    expect(lines().map(({ message }) => message)).toStrictEqual(['b']);
  });

  test('adds the bound fields to every line, the nearest one first', () => {
    const { logger, lines } = aLogger();

    logger.with({ taskId: 't', turn: 1 }).with({ turn: 2 }).info('x', { tool: 'Bash' });

    expect(lines()[0]).toMatchObject({ taskId: 't', turn: 2, tool: 'Bash' });
  });

  test('keeps its own time, level and message whatever the fields are called', () => {
    const { logger, lines } = aLogger();

    logger.info('x', { time: 1, level: 'none', message: 'other' });

    expect(lines()).toStrictEqual([{ time: '2026-01-31T12:00:00.000Z', level: 'info', message: 'x' }]);
  });

  test('shows an error with its code, its details and the chain of its causes', () => {
    const { logger, lines } = aLogger();
    const refused = Object.assign(new Error('connect refused'), { code: 'ECONNREFUSED' });
    const wrapped = new Error('request failed', { cause: refused });

    logger.error('store away', {
      error: new AbcaError('SERVICE_UNAVAILABLE', 'no answer', {
        retryable: true,
        cause: wrapped,
        details: { tries: 3 },
      }),
    });

    expect(lines()[0]?.['error']).toMatchObject({
      name: 'AbcaError',
      code: 'SERVICE_UNAVAILABLE',
      message: 'no answer',
      retryable: true,
      details: { tries: 3 },
      cause: { name: 'Error', message: 'request failed', cause: { code: 'ECONNREFUSED', message: 'connect refused' } },
    });
  });

  test('redacts secrets in message, fields, keys, errors and causes', () => {
    const { logger, lines } = aLogger();

    logger.error(`push to ${secret}`, {
      nested: { deep: [secret], [secret]: 1 },
      error: new Error(secret, { cause: new Error(secret) }),
    });

    expect(JSON.stringify(lines())).not.toContain(secret);
    expect(lines()[0]?.['message']).toBe('push to [REDACTED-GITHUB_TOKEN]');
  });

  test('uses the redaction it is given', () => {
    const { logger, lines } = aLogger({ redact: (value) => (typeof value === 'string' ? 'hidden' : {}) });

    logger.info('x', { a: 1 });

    expect(lines()).toStrictEqual([{ time: '2026-01-31T12:00:00.000Z', level: 'info', message: 'hidden' }]);
  });

  test('writes circles, depths, big integers and dates as text', () => {
    const { logger, lines } = aLogger();
    const circle: Record<string, unknown> = {};
    circle['self'] = circle;
    let deep: unknown = 'bottom';
    for (let i = 0; i < 20; i += 1) deep = [deep];

    logger.info('x', { circle, deep, big: 1n, at: new Date(nowMs) });

    expect(lines()[0]).toMatchObject({ circle: { self: '[circular]' }, big: '1', at: '2026-01-31T12:00:00.000Z' });
    expect(JSON.stringify(lines())).toContain('[cut]');
  });

  test('says that a line could not be written instead of throwing', () => {
    const { logger, lines } = aLogger();
    const trap = {
      get field(): never {
        throw new Error('trap');
      },
    };

    logger.info('x', { trap });

    expect(lines()).toStrictEqual([{ level: 'info', message: 'a log line could not be written' }]);
  });

  test('does not throw when nothing can be written', () => {
    const logger = createJsonLogger(
      () => {
        throw new Error('broken pipe');
      },
      { clock: { nowMs: () => nowMs } },
    );

    expect(() => logger.info('x')).not.toThrow();
  });

  test('writes debug lines where they are asked for', () => {
    const { logger, lines } = aLogger({ level: 'debug' });

    logger.debug('a');

    expect(lines()).toMatchObject([{ level: 'debug', message: 'a' }]);
  });

  test('writes null, lists and numbers as they are', () => {
    const { logger, lines } = aLogger();

    logger.info('x', { none: null, list: [1, [null], { a: 'b' }], n: 0 });

    expect(lines()[0]).toMatchObject({ none: null, list: [1, [null], { a: 'b' }], n: 0 });
  });

  test('cuts what lies deeper than eight levels', () => {
    const { logger, lines } = aLogger();
    const nest = (depth: number): unknown => (depth === 0 ? 'bottom' : { in: nest(depth - 1) });

    logger.info('x', { a: nest(7), b: nest(8) });

    expect(JSON.stringify(lines()[0]?.['a'])).toContain('bottom');
    expect(JSON.stringify(lines()[0]?.['b'])).toContain('[cut]');
  });

  test('shows the code of an error where it is a text', () => {
    const { logger, lines } = aLogger();
    const withCode = (code: unknown): Error => Object.assign(new Error('x'), { code });

    logger.info('x', { text: withCode('EPIPE'), number: withCode(7) });

    expect(lines()[0]?.['text']).toHaveProperty('code', 'EPIPE');
    expect(lines()[0]?.['number']).not.toHaveProperty('code');
  });
});
