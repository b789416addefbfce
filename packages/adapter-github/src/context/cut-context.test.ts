import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { cutContext, type WholeContext } from './cut-context.ts';

const comment = (body: string): WholeContext['comments'][number] => ({
  author: 'bob',
  createdAt: '2026-01-01T00:00:00Z',
  body,
});
const whole: WholeContext = { title: 'T', body: 'B', comments: [], checks: [], olderLeftOut: false };

describe('cutContext()', () => {
  test('counts four characters a token', () => {
    expect(cutContext({ ...whole, comments: [comment('x'.repeat(38))] }, 100)).toStrictEqual({
      title: 'T',
      body: 'B',
      comments: [comment('x'.repeat(38))],
      tokens: 25,
      truncated: false,
    });
  });

  test('leaves out the oldest comments first, and none behind a gap', () => {
    const comments = [comment('a'), comment('b'.repeat(500)), comment('c'), comment('d')];

    const cut = cutContext({ ...whole, comments }, 60);

    expect(cut.comments.map(({ body }) => body.slice(0, 1))).toStrictEqual(['b', 'c', 'd']);
    expect(cut.comments[0]?.body).toContain('(The rest was left out.)');
    expect(cut.truncated).toBe(true);
  });

  test('cuts a body that is over the budget alone, and says so when older words were not read', () => {
    const cut = cutContext({ ...whole, body: 'x'.repeat(1000), comments: [comment('c')] }, 50);

    expect(cut.body).toMatch(/^x+\n\(The rest was left out\.\)$/);
    expect(cut.comments).toStrictEqual([]);
    expect(cutContext({ ...whole, olderLeftOut: true }, 50).truncated).toBe(true);
  });

  test('never goes over the budget, and leaves out nothing that fits', () => {
    const texts = fc.array(fc.string({ maxLength: 300 }), { maxLength: 20 });
    fc.assert(
      fc.property(texts, fc.string({ maxLength: 300 }), fc.integer({ min: 0, max: 2000 }), (some, body, maxTokens) => {
        const checks = some.slice(0, 3).map((name) => ({ name, state: 'failure' }));
        const context = { ...whole, body, checks, comments: some.map(comment) };

        const cut = cutContext(context, maxTokens);

        expect(cut.tokens).toBeLessThanOrEqual(maxTokens);
        expect(cut.truncated || cut.comments.length === some.length).toBe(true);
        if (cut.truncated) expect(cutContext(context, 100_000).tokens).toBeGreaterThan(maxTokens - 10);
      }),
    );
  });
});
