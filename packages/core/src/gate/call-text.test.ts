import { describe, expect, test } from '@jest/globals';
import { limits } from '../limits.ts';
import { toolInputPreview } from './call-text.ts';

const secret = `ghp_${'a1B2'.repeat(9)}`;

describe('toolInputPreview()', () => {
  test.each([
    [{ command: 'npm test', timeout: 5 }, 'npm test'],
    [{ content: 'x', file_path: '/w/a.ts' }, '/w/a.ts'],
    [{ pattern: 'TODO', path: 'src' }, 'src'],
    [{ anything: [1, 2] }, '{"anything":[1,2]}'],
    [{ command: 5 }, '{"command":5}'],
    ['text', '"text"'],
    [null, 'null'],
    [undefined, ''],
    [{ big: 1n }, '[input cannot be shown]'],
  ])('shows %p as %j', (input, shown) => {
    expect(toolInputPreview(input, '/work/repo')).toBe(shown);
  });

  test('is cut, clean and without secrets', () => {
    expect(toolInputPreview({ command: 'x'.repeat(999) }, '/work/repo')).toHaveLength(limits.previewChars);
    expect(toolInputPreview({ command: '\u001b[31mred' }, '/work/repo')).toBe('red');
    expect(toolInputPreview({ url: `https://${secret}@host` }, '/work/repo')).not.toContain(secret);
    expect(toolInputPreview({ deep: { key: secret } }, '/work/repo')).not.toContain(secret);
  });

  test('shows paths of the checkout as the repository knows them', () => {
    expect(toolInputPreview({ file_path: '/work/repo/src/a.ts' }, '/work/repo')).toBe('src/a.ts');
    expect(toolInputPreview({ command: 'diff /work/repo/a /work/repo/b' }, '/work/repo')).toBe('diff a b');
    expect(toolInputPreview({ file_path: '/etc/passwd' }, '/work/repo')).toBe('/etc/passwd');
  });
});
