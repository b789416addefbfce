import { credentialLookalikes, credentialWrites } from './credentials.test-kit.ts';
import { dropTable } from './drop-table.test-kit.ts';
import { envFileLookalikes, envFileWrites } from './env-files.test-kit.ts';
import { forcePushes } from './force-push.test-kit.ts';
import { gitInternals, gitInternalsNested } from './git-internals.test-kit.ts';
import { hardLookalikes } from './hard-lookalikes.test-kit.ts';
import { ordinaryBuild } from './ordinary-build.test-kit.ts';
import { ordinaryFiles } from './ordinary-files.test-kit.ts';
import { ordinaryGit } from './ordinary-git.test-kit.ts';
import { ordinaryMixed } from './ordinary-mixed.test-kit.ts';
import { protectedPushes, pushLookalikes } from './protected-branch.test-kit.ts';
import { rmSlash } from './rm-slash.test-kit.ts';
import { unresolvedCommands } from './unresolved.test-kit.ts';

/** Branches that are protected in these tables, besides main and master. */
export const protectedBranches: readonly string[] = ['develop', 'release/1.x'];

/** Commands that are denied, by the rule that must be among those that match. All in a checkout at /work/repo. */
export const denied: Readonly<Record<string, readonly string[]>> = {
  rm_slash: rmSlash,
  write_git_internals: gitInternals,
  write_git_internals_nested: gitInternalsNested,
  drop_table: dropTable,
};

/** Commands that a person is asked about, by the ids of exactly the rules that ask. */
export const askedExactly: Readonly<Record<string, readonly string[]>> = {
  ...forcePushes,
  ...protectedPushes,
  unresolved_command: unresolvedCommands,
};

/** Commands that a person is asked about, by a rule that must be among those that ask. */
export const asked: Readonly<Record<string, readonly string[]>> = {
  write_env_files: envFileWrites,
  write_credentials: credentialWrites,
};

/** Commands that look like the ones above, and that nobody is asked about. */
export const lookalikes: readonly string[] = [
  ...hardLookalikes,
  ...pushLookalikes,
  ...envFileLookalikes,
  ...credentialLookalikes,
];

/** Commands of a working day, that nobody is asked about. */
export const ordinary: readonly string[] = [...ordinaryMixed, ...ordinaryBuild, ...ordinaryGit, ...ordinaryFiles];
