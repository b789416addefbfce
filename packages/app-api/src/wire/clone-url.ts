const scpLike = /^(?:[\w.-]+@)?[\w.-]+:(?!\/\/|:)[^\s]+$/;
const protocols = ['https:', 'http:', 'ssh:', 'git:', 'file:'];

/**
 * What is wrong with the address of a repository, or `undefined`. Addresses are handed to `git`: none may look like an
 * option or name a transport helper (`ext::sh -c …` runs a command), and none may carry a credential, for it is stored and
 * shown.
 */
export function findCloneUrlFault(url: string): string | undefined {
  if (/^-|[\s\0]/.test(url)) return 'must not start with "-" or hold white space';
  if (url.startsWith('/')) return undefined;
  if (/^[A-Za-z0-9+.-]+::/.test(url)) return 'must not name a transport helper';
  if (!url.includes('://')) {
    return scpLike.test(url) ? undefined : 'must be a URL, an absolute path or user@host:path';
  }
  return findUrlFault(url);
}

function findUrlFault(text: string): string | undefined {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined) return 'is not a URL';
  if (!protocols.includes(url.protocol)) return `must use one of ${protocols.join(' ')}`;
  const carriesSecret = url.password !== '' || (url.username !== '' && url.protocol.startsWith('http'));
  return carriesSecret ? 'must not hold a credential; give git one through a credential helper' : undefined;
}
