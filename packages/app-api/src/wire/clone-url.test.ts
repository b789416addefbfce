import { expect, test } from '@jest/globals';
import { findCloneUrlFault } from './clone-url.ts';

test.each([
  '/srv/git/shop.git',
  'file:///srv/git/shop.git',
  'https://github.com/acme/shop.git',
  'ssh://git@example.com/acme/shop',
  'git@github.com:acme/shop.git',
  'git://example.com/acme/shop',
])('takes %s', (url) => {
  expect(findCloneUrlFault(url)).toBeUndefined();
});

test.each([
  ['--upload-pack=touch /tmp/x', 'must not start with "-"'],
  ['-oProxyCommand=x', 'must not start with "-"'],
  ['/srv/with space', 'white space'],
  ['ext::sh', 'transport helper'],
  ['relative/path', 'must be a URL'],
  ['https://user:secret@example.com/x', 'credential'],
  ['https://secret@example.com/x', 'credential'],
  ['ssh://git:secret@example.com/x', 'credential'],
  ['javascript://x', 'must use one of'],
  ['https://', 'is not a URL'],
])('refuses %s: %s', (url, fault) => {
  expect(findCloneUrlFault(url)).toContain(fault);
});
