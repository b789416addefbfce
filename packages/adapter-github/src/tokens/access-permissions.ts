import { AbcaError, type ForgeAccess, type RepoId } from '@abca/core';
import { describePermission } from '../client/map-github-error.ts';

/** Permissions by GitHub's names. */
export type GrantedPermissions = Readonly<Record<string, string | undefined>>;
type Level = 'read' | 'write';
type Needed = Readonly<Record<string, Level>>;

/** What a token of each kind needs, and what it takes along where the app has it. */
const needs: Readonly<Record<ForgeAccess, { readonly required: Needed; readonly wanted: Needed }>> = {
  read: {
    required: { metadata: 'read', contents: 'read', issues: 'read', pull_requests: 'read' },
    wanted: { checks: 'read' },
  },
  review: {
    required: { metadata: 'read', contents: 'read', issues: 'read', pull_requests: 'write' },
    wanted: { checks: 'read' },
  },
  write: {
    required: { metadata: 'read', contents: 'write', issues: 'write', pull_requests: 'write' },
    wanted: { checks: 'read' },
  },
};

/**
 * The permissions that a token for `access` is narrowed to.
 *
 * @param granted what the installation has
 * @throws AbcaError FORGE_ACCESS_DENIED naming each one that is missing
 */
export function permissionsFor(access: ForgeAccess, granted: GrantedPermissions, repo: RepoId): Needed {
  const { required, wanted } = needs[access];
  const missing = Object.entries(required).filter(([name, level]) => !covers(granted[name], level));
  if (missing.length === 0) {
    return {
      ...required,
      ...Object.fromEntries(Object.entries(wanted).filter(([name, level]) => covers(granted[name], level))),
    };
  }
  const acts = missing.map(([name, level]) => `${level} ${name.replaceAll('_', ' ')}`).join(' or ');
  const grants = missing.map(([name, level]) => describePermission(name, level)).join(' and ');
  throw new AbcaError('FORGE_ACCESS_DENIED', `the app may not ${acts} in ${repo}: grant ${grants} to it`, {
    details: { status: 403 },
  });
}

function covers(granted: string | undefined, level: Level): boolean {
  return granted === level || granted === 'write' || granted === 'admin';
}
