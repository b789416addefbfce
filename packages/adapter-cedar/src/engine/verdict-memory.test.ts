import { describe, expect, test } from '@jest/globals';
import { VerdictMemory } from './verdict-memory.ts';

describe('VerdictMemory', () => {
  test('drops what was asked longest ago', () => {
    const memory = new VerdictMemory(2);
    memory.keep('a', ['x']);
    memory.keep('b', []);
    memory.find('a');
    memory.keep('c', ['y']);

    expect(['a', 'b', 'c'].map((key) => memory.find(key))).toStrictEqual([['x'], undefined, ['y']]);
  });

  test('keeps no key that is too long', () => {
    const memory = new VerdictMemory(2);
    memory.keep('k'.repeat(4_001), []);

    expect(memory.find('k'.repeat(4_001))).toBeUndefined();
  });
});
