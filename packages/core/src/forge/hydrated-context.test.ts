import { describe, expect, test } from '@jest/globals';
import { emptyContext, hydratedContextSchema } from './hydrated-context.ts';

describe('hydratedContextSchema', () => {
  const comment = { author: 'bob', createdAt: '2026-01-01T00:00:00Z', body: 'me too' };
  const onLine = { ...comment, path: 'a.ts', line: 3 };
  const checks = [
    { name: 'lint', state: 'success' },
    { name: 'test', state: 'failure', summary: '2 failed' },
  ];
  const context = { title: 'Bug', body: 'It breaks', comments: [comment, onLine], checks, tokens: 7, truncated: true };

  test('reads what a forge knows, and the context of a task that names nothing', () => {
    expect(hydratedContextSchema.parse(context)).toStrictEqual(context);
    expect(hydratedContextSchema.parse(emptyContext)).toStrictEqual({ comments: [], tokens: 0, truncated: false });
  });

  test.each([
    { comments: [{ ...comment, author: undefined }] },
    { comments: [{ ...comment, createdAt: 7 }] },
    { comments: [{ ...comment, body: undefined }] },
    { comments: [{ ...onLine, line: 0 }] },
    { comments: [{ ...onLine, line: 1.5 }] },
    { comments: [{ ...onLine, path: 7 }] },
    { comments: undefined },
    { checks: [{ state: 'success' }] },
    { checks: [{ name: 'lint' }] },
    { checks: [{ name: 'lint', state: 'failure', summary: 7 }] },
    { tokens: -1 },
    { tokens: 0.5 },
    { truncated: 'no' },
    { title: 7 },
    { body: 7 },
  ])('refuses %j', (fields) => {
    expect(hydratedContextSchema.safeParse({ ...context, ...fields }).success).toBe(false);
  });
});
