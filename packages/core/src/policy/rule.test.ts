import { describe, expect, test } from '@jest/globals';
import { graver, severities } from './rule.ts';

describe('graver()', () => {
  test('is the greater of two severities, in either order', () => {
    const table = severities.map((a) => severities.map((b) => graver(a, b)));

    expect(table).toStrictEqual([
      ['low', 'medium', 'high'],
      ['medium', 'medium', 'high'],
      ['high', 'high', 'high'],
    ]);
  });
});
