import { expect, test } from '@jest/globals';
import { RecentKeys } from './recent-keys.ts';

test('RecentKeys knows the last ones that were added, each once', () => {
  const keys = new RecentKeys(2);
  for (const key of ['a', 'b', 'b', 'c']) keys.add(key);

  expect(['a', 'b', 'c', 'd'].map((key) => keys.has(key))).toStrictEqual([false, true, true, false]);
});
