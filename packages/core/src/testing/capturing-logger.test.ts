import { describe, expect, test } from '@jest/globals';
import { CapturingLogger } from './capturing-logger.ts';

describe('CapturingLogger', () => {
  test('keeps the lines of all levels in order, with their fields', () => {
    const logger = new CapturingLogger();

    logger.debug('a');
    logger.info('b', { n: 1 });
    logger.warn('c');
    logger.error('d');

    expect(logger.lines).toStrictEqual([
      { level: 'debug', message: 'a', fields: {} },
      { level: 'info', message: 'b', fields: { n: 1 } },
      { level: 'warn', message: 'c', fields: {} },
      { level: 'error', message: 'd', fields: {} },
    ]);
  });

  test('keeps the lines of its children among its own, with what is bound to them', () => {
    const logger = new CapturingLogger();

    logger.with({ taskId: 'T', n: 1 }).with({ n: 2 }).info('x', { m: 3 });
    logger.info('y');

    expect(logger.lines).toStrictEqual([
      { level: 'info', message: 'x', fields: { taskId: 'T', n: 2, m: 3 } },
      { level: 'info', message: 'y', fields: {} },
    ]);
  });
});
