import { formatIso } from '@abca/core';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { plain, shown, shownCode, shownCodeBlock, shownLine, shownLink, shownTime } from './mrkdwn.ts';

const secret = `ghp_${'a1B2'.repeat(9)}`;
const hostile = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc
    .array(
      fc.constantFrom(
        '<!channel>',
        '<@U0ANN>',
        '&',
        '<',
        '>',
        '@here',
        '```',
        '`',
        '|',
        '\u001b[1m',
        '\n',
        secret,
        '日',
        '👩‍👧',
        'x',
      ),
    )
    .map((pieces) => pieces.join('')),
);

describe('texts of others in Slack', () => {
  test('are never longer than asked for, nor more than text', () => {
    fc.assert(
      fc.property(hostile, fc.integer({ min: 12, max: 300 }), (text, chars) => {
        for (const write of [shown, shownLine, shownCode, shownCodeBlock]) {
          const written = write(text, chars);
          expect(written.length).toBeLessThanOrEqual(chars);
          expect(written).not.toMatch(/[<>]/);
          expect(written).not.toMatch(/&(?!amp;|lt;|gt;)/);
          expect(written).not.toMatch(/@(channel|here|everyone)/i);
          expect(written).not.toContain('\u001b');
          if (text.isWellFormed()) expect(written.isWellFormed()).toBe(true);
        }
        expect(plain(text, chars).text.length).toBeLessThanOrEqual(chars);
      }),
      { numRuns: 500 },
    );
  });

  test('stay inside their code', () => {
    fc.assert(
      fc.property(hostile, (text) => {
        expect(shownCode(text, 200).slice(1, -1)).not.toContain('`');
        expect(shownCodeBlock(text, 200).slice(3, -3)).not.toContain('`');
      }),
    );
  });

  test('are redacted before they are cut: a cut secret is one no pattern knows', () => {
    for (let chars = 20; chars < 80; chars += 1) {
      expect(shown(`${'x'.repeat(30)} ${secret}`, chars)).not.toContain('ghp_');
      expect(plain(`${'x'.repeat(30)} ${secret}`, chars).text).not.toContain('ghp_');
    }
  });

  test('that fit come through', () => {
    expect(shown('a & b < c\nd', 100)).toBe('a &amp; b &lt; c\nd');
    expect(shownLine(' a \n b ', 100)).toBe('a b');
    expect(shown('abcdef', 5)).toBe('abcd…');
    expect(shown('ab&', 6)).toBe('ab…');
  });
});

describe('shownLink()', () => {
  test.each([
    ['https://github.com/a/b/pull/1?x=1&y=2', '<https://github.com/a/b/pull/1?x=1&amp;y=2|pr>'],
    ['http://127.0.0.1:3000/x', '<http://127.0.0.1:3000/x|pr>'],
    ['javascript:alert(1)', '`javascript:alert(1)`'],
    ['https://a|<!channel>', '`https://a|&lt;!channel&gt;`'],
    ['file:///srv/demo.git#abca/pulls/1', '`file:///srv/demo.git#abca/pulls/1`'],
  ])('%s is %s', (url, written) => {
    expect(shownLink(url, 'pr')).toBe(written);
  });
});

test('shownTime() is shown in the zone of whoever reads it, and as it is where that is not known', () => {
  const time = formatIso(Date.UTC(2026, 0, 1, 12, 30));

  expect(shownTime(time)).toBe(`<!date^1767270600^{date_short_pretty} {time_secs}|${time}>`);
});
