import { AbcaError, type CallOptions, type ForgeAccess, type ForgeTokens, type RepoId } from '@abca/core';
import { secretDescriptor, type GitCredentials, type GitCredentialSource } from './git-options.ts';

/** Where the tokens of a repository come from, and where they may go. */
export interface TokenCredentialsOptions {
  readonly tokens: ForgeTokens;
  /** Origin of the forge, such as `https://github.com`: no other host is ever shown a token. */
  readonly origin: string;
  /** @default x-access-token, what GitHub takes for tokens of an app and of a person */
  readonly username?: string;
}

/**
 * Credentials of git from short-lived tokens: asked for each operation, so that a session of eight hours pushes with a token of
 * this hour. Only the processes of the one operation have it: by a socket they inherit, from which a credential helper that is
 * named on git's command line, for this origin alone, reads it. It is in no file, no checkout, no environment and no list of
 * arguments; the shell of the agent, which is no child of the operation, cannot open the socket.
 */
export function tokenCredentials({ tokens, origin, username }: TokenCredentialsOptions): GitCredentialSource {
  /** What was given last for each repository and kind of access: the forge may refuse it. */
  const given = new Map<string, string>();
  return async ({ cloneUrl, operation, refused }, options: CallOptions): Promise<GitCredentials> => {
    const repo = findRepo(cloneUrl, origin);
    if (repo === undefined) return {};
    const access: ForgeAccess = operation;
    const key = `${access} ${repo}`;
    const last = given.get(key);
    const request = { repo, access, ...(refused && last !== undefined && { refuse: last }) };
    const { token } = await tokens.get(request, options);
    // git reads a line per field: a token that held one could name another host.
    if (/[\r\n\0]/.test(token)) throw new AbcaError('FORGE_ACCESS_DENIED', `the token for ${repo} is not one line`);
    given.set(key, token);
    return {
      secret: `password=${token}\n`,
      config: [
        `credential.${origin}.username=${username ?? 'x-access-token'}`,
        `credential.${origin}.helper=!f() { test "$1" = get && cat <&${String(secretDescriptor)}; }; f`,
        // A remote that sends git elsewhere gets to see no token, and no request.
        'http.followRedirects=false',
      ],
    };
  };
}

/** The repository at an address of the forge; `undefined` for any other address. */
function findRepo(cloneUrl: string, origin: string): RepoId | undefined {
  if (!URL.canParse(cloneUrl)) return undefined;
  const url = new URL(cloneUrl);
  const [, name] = /^\/([^/]+\/[^/]+?)(?:\.git)?\/?$/.exec(url.pathname) ?? [];
  return url.origin === new URL(origin).origin ? (name as RepoId | undefined) : undefined;
}
