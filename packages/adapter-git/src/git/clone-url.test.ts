import { describe, expect, test } from '@jest/globals';
import { parseCloneUrl } from './clone-url.ts';

describe('parseCloneUrl()', () => {
  test.each([
    ['/srv/shop.git', { kind: 'path', path: '/srv/shop.git' }],
    ['file:///srv/my%20shop.git', { kind: 'path', path: '/srv/my shop.git' }],
    ['https://example.invalid/acme/shop.git', { kind: 'remote' }],
    ['https://person@example.invalid/acme/shop.git', { kind: 'remote' }],
    ['ssh://git@example.invalid:22/acme/shop.git', { kind: 'remote' }],
    ['git@example.invalid:acme/shop.git', { kind: 'remote' }],
    ['http://127.0.0.1:8080/acme/shop.git', { kind: 'remote' }],
    ['http://[::1]:8080/acme/shop.git', { kind: 'remote' }],
  ])('takes %s', (text, expected) => {
    expect(parseCloneUrl(text)).toStrictEqual(expected);
  });

  test.each([
    ['', 'empty'],
    ['ext::sh -c touch% /tmp/x', 'ext::'],
    ['--upload-pack=touch /tmp/x', 'dash'],
    ['ssh://-oProxyCommand=x/y', 'dash'],
    ['-oProxyCommand=x:y', 'dash'],
    ['git://example.invalid/shop.git', 'git is not allowed'],
    ['http://example.invalid/shop.git', 'http is not allowed'],
    ['http://127.0.0.1.example.invalid/shop.git', 'http is not allowed'],
    ['https://person:secret@example.invalid/shop.git', 'password'],
    ['https://', 'not a valid URL'],
    ['/srv/shop.git\n--upload-pack=x', 'control'],
    ['relative/path', 'absolute path'],
    ['.', 'absolute path'],
  ])('refuses %j', (text, why) => {
    expect(parseCloneUrl(text)).toStrictEqual({ kind: 'refused', why: expect.stringContaining(why) });
  });

  test('keeps a secret out of the reason', () => {
    expect(JSON.stringify(parseCloneUrl('https://a:hunter2@example.invalid/x'))).not.toContain('hunter2');
  });

  test('takes what an option allows', () => {
    expect(parseCloneUrl('http://127.0.0.1:8080/shop.git', ['http'])).toStrictEqual({ kind: 'remote' });
    expect(parseCloneUrl('/srv/shop.git', ['https']).kind).toBe('refused');
    expect(parseCloneUrl('git@host:shop.git', ['https']).kind).toBe('refused');
  });
});
