import { describe, expect, test } from '@jest/globals';
import { cutContext, type WholeContext } from './cut-context.ts';

const comment = (at: number, body: string): WholeContext['comments'][number] => ({
  author: 'ann',
  createdAt: `2026-01-0${String(at)}T00:00:00Z`,
  body,
});
const whole = (fields: Partial<WholeContext> = {}): WholeContext => ({
  title: 'Bug',
  body: 'It breaks',
  comments: [comment(1, 'old'), comment(2, 'new')],
  checks: [],
  olderLeftOut: false,
  ...fields,
});

describe('cutContext()', () => {
  test('leaves what fits as it is and counts it at four characters a token', () => {
    // 3 + 9 + (3 + 60) × 2 = 138 characters.
    expect(cutContext(whole(), 100)).toStrictEqual({
      title: 'Bug',
      body: 'It breaks',
      comments: [comment(1, 'old'), comment(2, 'new')],
      tokens: 35,
      truncated: false,
    });
  });

  test('leaves out the oldest comments first', () => {
    const comments = [comment(1, 'a'.repeat(400)), comment(2, 'b'.repeat(100)), comment(3, 'c')];

    const cut = cutContext(whole({ comments }), 100);

    expect(cut.comments.map(({ body }) => body.slice(0, 1)).join('')).toBe('abc');
    expect(cut.comments[0]?.body).toMatch(/^a{50,}\n\(The rest was left out\.\)$/);
    expect(cut).toMatchObject({ truncated: true, tokens: 100 });
    expect(
      cutContext(whole({ comments }), 60)
        .comments.map(({ body }) => body.slice(0, 1))
        .join(''),
    ).toBe('bc');
  });

  test('shows no older comment than one that did not fit whole', () => {
    const comments = [comment(1, 'a'), comment(2, 'b'.repeat(1000)), comment(3, 'c')];

    const cut = cutContext(whole({ comments }), 100);

    expect(cut.comments.map(({ body }) => body.slice(0, 1)).join('')).toBe('bc');
  });

  test('cuts a body that is alone over the budget, never through a character of two halves', () => {
    const cut = cutContext(whole({ body: '👋'.repeat(500) }), 50);

    expect(cut.body).toMatch(/^(?:👋)+\n\(The rest was left out\.\)$/u);
    expect(cut.comments).toStrictEqual([]);
    expect(cut.tokens).toBeLessThanOrEqual(50);
    expect(cut.truncated).toBe(true);
  });

  test('puts checks before comments', () => {
    const checks = [{ name: 'test', state: 'failure', summary: 's'.repeat(60) }];

    const cut = cutContext(whole({ checks, comments: [comment(1, 'c'.repeat(50))] }), 25);

    expect(cut).toMatchObject({ checks, comments: [], truncated: true });
  });

  test('says that something is left out also when it was not even read', () => {
    expect(cutContext(whole({ olderLeftOut: true }), 100).truncated).toBe(true);
  });

  test('has no fields for what is not there', () => {
    expect(cutContext({ comments: [], checks: [], body: '', olderLeftOut: false }, 10)).toStrictEqual({
      comments: [],
      tokens: 0,
      truncated: false,
    });
  });

  test('keeps to any budget', () => {
    const comments = Array.from({ length: 9 }, (_, at) => comment(at + 1, 'x'.repeat(at * 13)));
    for (let tokens = 0; tokens < 300; tokens += 1) {
      expect(cutContext(whole({ comments }), tokens).tokens).toBeLessThanOrEqual(tokens);
    }
  });
});
