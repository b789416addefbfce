import { describe, expect, test } from '@jest/globals';
import { limits } from '../limits.ts';
import { recordedJson, recordedWorkspace, toolInputPreview, toolInputText, withoutCheckout } from './call-text.ts';

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

describe('toolInputText()', () => {
  test.each<[unknown, string]>([
    [{ command: 'npm test' }, 'npm test'],
    [{ file_path: '/work/repo/a.ts' }, 'a.ts'],
    [{ query: 'x' }, 'x'],
    [{ other: 'x' }, 'other: x'],
    [{ command: 5 }, 'command: 5'],
    [{ command: 'npm test', timeout: 5 }, 'command: npm test\ntimeout: 5'],
    [{ content: 'a\nb', file_path: '/work/repo/a.ts' }, 'content: a\nb\nfile_path: a.ts'],
    [{ edits: [{ a: 1 }], on: null, off: undefined }, 'edits: [{"a":1}]\non: null\noff: '],
    [{}, ''],
    [[1, 'a'], '[1,"a"]'],
    ['text', '"text"'],
    [null, 'null'],
    [undefined, ''],
    [{ a: 1, big: 1n }, 'a: 1\nbig: [input cannot be shown]'],
  ])('shows %p whole', (input, shown) => {
    expect(toolInputText(input, '/work/repo')).toBe(shown);
  });

  test('is cut at 16,000 characters, with a mark', () => {
    expect(toolInputText({ command: 'x'.repeat(16_000) }, '/work/repo')).toBe('x'.repeat(16_000));
    expect(toolInputText({ command: 'x'.repeat(16_001) }, '/work/repo')).toBe(`${'x'.repeat(15_999)}…`);
  });

  test('is clean and without secrets, wherever they are', () => {
    const hidden = [
      { command: `curl ${secret}` },
      { command: 'a', [secret]: 'b' },
      { headers: { [secret]: 1 } },
      { script: [`a\n${secret}`] },
      { script: [`tab\t${secret}"`] },
      `quote"${secret}`,
      { command: `\u001b[0m${secret.slice(0, 9)}\u001b[0m${secret.slice(9)}` },
    ];

    for (const input of hidden) expect(toolInputText(input, '/work/repo')).not.toContain(secret);
    expect(toolInputText({ command: '\u001b[31mred\u0007' }, '/work/repo')).toBe('red');
  });

  test('a secret with escapes inside its JSON is found: a key of several lines', () => {
    const key = `-----BEGIN RSA PRIVATE${' '}KEY-----\nMIIE\nabc\n-----END RSA PRIVATE${' '}KEY-----`;

    expect(toolInputText({ files: [{ content: key }] }, '/work/repo')).toBe(
      'files: [{"content":"[REDACTED-PRIVATE_KEY]"}]',
    );
    expect(toolInputPreview({ files: [{ content: key }] }, '/work/repo')).not.toContain('MIIE');
  });

  test('a cut never leaves half a secret', () => {
    const input = { command: `${'x'.repeat(15_980)} ${secret}` };

    expect(toolInputText(input, '/work/repo')).not.toContain(secret.slice(0, 12));
  });
});

describe('withoutCheckout()', () => {
  test('shows paths in the checkout as relative ones, and the checkout as it is', () => {
    expect(withoutCheckout('cp /work/repo/a /work/repo/b && cd /work/repo', '/work/repo')).toBe(
      'cp a b && cd /work/repo',
    );
  });
});

describe('recordedJson()', () => {
  test('keeps any JSON but for the place of the checkout and secrets, in names too', () => {
    const value = {
      path: '/work/repo/a',
      list: ['/work/repo', 1, true, null, { deep: secret }],
      [secret]: 'x',
      nothing: undefined,
    };

    expect(recordedJson(value, '/work/repo')).toStrictEqual({
      path: `${recordedWorkspace}/a`,
      list: [recordedWorkspace, 1, true, null, { deep: '[REDACTED-GITHUB_TOKEN]' }],
      '[REDACTED-GITHUB_TOKEN]': 'x',
      nothing: undefined,
    });
  });
});
