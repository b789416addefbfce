import { defaultIdentity, defaultProtocols, type GitOptions } from './git-options.ts';

/** The whole environment of a git process: nothing is inherited, and an option cannot undo what is set here. */
export function gitEnvironment(options: GitOptions): Record<string, string> {
  const identity = options.identity ?? defaultIdentity;
  return {
    ...options.environment,
    PATH: options.pathEnv,
    HOME: options.homeDir,
    LC_ALL: 'C',
    TZ: 'UTC',
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_ATTR_NOSYSTEM: '1',
    GIT_TERMINAL_PROMPT: '0',
    GIT_SSH_COMMAND: 'ssh -oBatchMode=yes',
    GIT_ALLOW_PROTOCOL: (options.protocols ?? defaultProtocols).join(':'),
    GIT_NO_REPLACE_OBJECTS: '1',
    GIT_NO_LAZY_FETCH: '1',
    GIT_AUTHOR_NAME: identity.name,
    GIT_AUTHOR_EMAIL: identity.email,
    GIT_COMMITTER_NAME: identity.name,
    GIT_COMMITTER_EMAIL: identity.email,
  };
}

/**
 * Settings given on every command line, where they win over the repository's own file. They switch off what git would
 * run on its own account: hooks, the fsmonitor program, helpers for credentials and passwords, housekeeping.
 */
export const hardening: readonly string[] = [
  'core.hooksPath=/dev/null',
  'core.fsmonitor=false',
  'core.untrackedCache=false',
  'core.askPass=',
  'credential.helper=',
  'gc.auto=0',
  'maintenance.auto=false',
  'submodule.recurse=false',
  // A dirty submodule would be asked by a git process that reads the submodule's own configuration.
  'diff.ignoreSubmodules=dirty',
  'protocol.ext.allow=never',
  'advice.detachedHead=false',
  'advice.addEmbeddedRepo=false',
];
