import { describe, expect, test } from '@jest/globals';
import { createSessionLogger } from './session-logger.ts';

function aLog(level: 'debug' | 'error' = 'debug') {
  const all: string[] = [];
  const important: string[] = [];
  const clock = { nowMs: () => 0 };
  const logger = createSessionLogger({
    clock,
    level,
    write: (line) => all.push(line),
    important: (line) => important.push(line),
  });
  return { logger, all, important };
}

describe('createSessionLogger()', () => {
  test('writes every line, and warnings and errors to the second place too', () => {
    const { logger, all, important } = aLog();

    const bound = logger.with({ taskId: 't' });
    bound.debug('a');
    bound.info('b');
    bound.warn('c', { n: 1 });
    bound.error('d');

    expect(all.map((line) => (JSON.parse(line) as { message: string }).message)).toStrictEqual(['a', 'b', 'c', 'd']);
    expect(important).toStrictEqual(all.slice(2));
    expect(JSON.parse(important[0]!)).toMatchObject({ level: 'warn', message: 'c', taskId: 't', n: 1 });
  });

  test('warns in the second place whatever the level of the first is', () => {
    const { logger, all, important } = aLog('error');

    logger.warn('c');

    expect([all.length, important.length]).toStrictEqual([0, 1]);
  });

  test('goes without a second place', () => {
    const lines: string[] = [];

    createSessionLogger({ clock: { nowMs: () => 0 }, level: 'info', write: (line) => lines.push(line) }).warn('c');

    expect(lines).toHaveLength(1);
  });
});
