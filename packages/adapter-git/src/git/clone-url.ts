import { isAbsolute } from 'node:path';
import { defaultProtocols } from './git-options.ts';

/** What is wrong with an address, or how it is reached. */
export type CloneUrl =
  | { readonly kind: 'path'; readonly path: string }
  | { readonly kind: 'remote' }
  | { readonly kind: 'refused'; readonly why: string };

const transport = /^([A-Za-z0-9][A-Za-z0-9+.-]*)::/;
const scheme = /^([A-Za-z][A-Za-z0-9+.-]*):\/\//;
const scpLike = /^(?:[A-Za-z0-9._-]+@)?[A-Za-z0-9][A-Za-z0-9._-]*:(?!\/\/).+/;

/**
 * Judge an address before git sees it. git would take `ext::` as a program to run and a leading dash as an option, so only
 * an absolute path, an allowed scheme and the `host:path` form of ssh pass.
 */
export function parseCloneUrl(text: string, protocols: readonly string[] = defaultProtocols): CloneUrl {
  const allowed = protocols.join(', ');
  if (text === '' || hasControlCharacter(text)) return refused('it is empty or holds a control character');
  if (text.startsWith('-')) return refused('it begins with a dash, which git would read as an option');
  if (isAbsolute(text)) return protocols.includes('file') ? { kind: 'path', path: text } : refused(`use ${allowed}`);
  const helper = transport.exec(text)?.[1];
  if (helper !== undefined) return refused(`the transport ${helper}:: is not allowed; use ${allowed}`);
  const name = scheme.exec(text)?.[1]?.toLowerCase();
  if (name !== undefined) return judgeUrl(text, name, protocols);
  if (scpLike.test(text) && protocols.includes('ssh')) return { kind: 'remote' };
  return refused(`give an absolute path or an address with one of: ${allowed}`);
}

/** Whether an address is plain HTTP to this machine: nobody between can read it, as a forge on loopback is reached. */
export function isLoopbackHttp(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, hostname } = new URL(text);
  return (
    protocol === 'http:' && (hostname === 'localhost' || hostname === '[::1]' || /^127(\.\d{1,3}){3}$/.test(hostname))
  );
}

function judgeUrl(text: string, name: string, protocols: readonly string[]): CloneUrl {
  const isAllowed = protocols.includes(name) || (protocols.includes('https') && isLoopbackHttp(text));
  if (!isAllowed) return refused(`the scheme ${name} is not allowed; use ${protocols.join(', ')}`);
  if (!URL.canParse(text)) return refused('it is not a valid URL');
  const url = new URL(text);
  if (url.password !== '') return refused('it holds a password; configure a credential source instead');
  if (url.hostname.startsWith('-')) return refused('its host begins with a dash');
  return name === 'file' ? { kind: 'path', path: decodeURIComponent(url.pathname) } : { kind: 'remote' };
}

function refused(why: string): CloneUrl {
  return { kind: 'refused', why };
}

function hasControlCharacter(text: string): boolean {
  return [...text].some((character) => character < ' ' || character === '\u007F');
}
