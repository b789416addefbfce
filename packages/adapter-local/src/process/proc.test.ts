import { describe, expect, test } from '@jest/globals';
import { parseStat } from './proc.ts';

const line = (name: string, state: string): string =>
  `4242 (${name}) ${state} 17 4240 4240 0 -1 4194304 1 0 0 0 0 0 0 0 20 0 1 0 152587 3133440 416\n`;

describe('parseStat()', () => {
  test.each(['sh', 'a b', 'odd) R 1 1 (', '()'])('reads a process named `%s`', (name) => {
    expect(parseStat(line(name, 'S'))).toStrictEqual({
      pid: 4242,
      parentPid: 17,
      groupId: 4240,
      startedAtTicks: 152587,
      alive: true,
    });
  });

  test.each(['Z', 'X', 'x'])('takes state %s for gone', (state) => {
    expect(parseStat(line('sh', state))?.alive).toBe(false);
  });

  test.each(['', '4242 (sh', '4242 (sh) S 1 2'])('answers nothing for `%s`', (text) => {
    expect(parseStat(text)).toBeUndefined();
  });
});
