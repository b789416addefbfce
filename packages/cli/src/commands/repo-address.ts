import { existsSync, realpathSync } from 'node:fs';
import { resolve } from 'node:path';
import { usageError } from '../errors/cli-error.ts';

/** A repository as a person names it. */
export interface RepoAddress {
  /** What `git clone` takes: an absolute path or a URL. */
  readonly cloneUrl: string;
  /** `owner/name`, made from the address. */
  readonly repo: string;
}

const urlLike = /^[a-z][a-z0-9+.-]*:\/\//i;
const scpLike = /^(?:[\w.-]+@)?[\w.-]+:[^\s]+$/;

/**
 * The repository at a path of this machine or at a URL.
 *
 * @throws CliError USAGE when it is neither
 */
export function parseRepoAddress(text: string, cwd: string): RepoAddress {
  const path = resolve(cwd, text);
  if (!urlLike.test(text) && existsSync(path)) {
    const real = realpathSync(path);
    return { cloneUrl: real, repo: `local/${nameOf(real)}` };
  }
  if (urlLike.test(text) || scpLike.test(text)) return { cloneUrl: text, repo: repoOfUrl(text) };
  throw usageError(
    `"${text}" is neither a folder nor the URL of a repository`,
    'give a path such as ./shop, or a URL such as https://example.com/acme/shop.git',
  );
}

function repoOfUrl(url: string): string {
  const parts = url
    .replace(/[?#].*$/, '')
    .split(/[/:]+/)
    .filter((part) => part !== '');
  const [owner, name] = parts.slice(-2);
  return `${cleaned(owner ?? 'remote').replace(/^[._-]+/, '') || 'remote'}/${nameOf(name ?? 'repository')}`;
}

/** The last part of an address without `.git`; a working copy's `.git` folder is named by the folder that holds it. */
function nameOf(address: string): string {
  const parts = address.split('/').filter((part) => part !== '' && part !== '.git');
  return cleaned((parts.at(-1) ?? '').replace(/\.git$/, '')) || 'repository';
}

function cleaned(text: string): string {
  return text.replaceAll(/[^A-Za-z0-9._-]+/g, '-').slice(0, 100);
}
