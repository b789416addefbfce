import { describe, expect, test } from '@jest/globals';
import { KeyedQueue } from './keyed-queue.ts';

describe('KeyedQueue', () => {
  test('runs the jobs of one key in order, one at a time, failures included', async () => {
    const queue = new KeyedQueue();
    const seen: string[] = [];
    const job =
      (name: string, fails = false) =>
      async () => {
        seen.push(`${name} begins`);
        await Promise.resolve();
        seen.push(`${name} ends`);
        if (fails) throw new Error(name);
        return name;
      };

    const results = await Promise.allSettled([
      queue.run('k', job('a')),
      queue.run('k', job('b', true)),
      queue.run('k', job('c')),
    ]);

    expect(seen).toStrictEqual(['a begins', 'a ends', 'b begins', 'b ends', 'c begins', 'c ends']);
    expect(results.map(({ status }) => status)).toStrictEqual(['fulfilled', 'rejected', 'fulfilled']);
  });

  test('does not let one key wait for another', async () => {
    const queue = new KeyedQueue();
    const blocked = Promise.withResolvers<string>();
    const first = queue.run('a', () => blocked.promise);

    const second = await queue.run('b', async () => 'done');
    blocked.resolve('late');

    expect([await first, second]).toStrictEqual(['late', 'done']);
  });
});
