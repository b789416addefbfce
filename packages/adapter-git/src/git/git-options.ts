import type { CallOptions } from '@abca/core';

/** What one operation on a remote may use to identify itself. Used for that operation and never stored. */
export interface GitCredentials {
  /**
   * What the operation finds at {@link secretDescriptor}, once: a socket, so that nothing of it is in an argument, a file or the
   * environment, which other programs of the same user can read while the operation runs.
   */
  readonly secret?: string;
  /** Added to the environment of the operation. No secret. */
  readonly environment?: Readonly<Record<string, string>>;
  /** `key=value` settings for the operation, such as `credential.helper=!my-helper`. They come after the reset of inherited helpers. */
  readonly config?: readonly string[];
}

/**
 * Where credentials come from. Asked before every operation that reaches the remote, so that a token which lives for an
 * hour is fresh when a long session pushes.
 */
export type GitCredentialSource = (
  request: {
    readonly cloneUrl: string;
    readonly operation: 'read' | 'write';
    /** Whether the remote just refused what was given for this operation: it is asked for once more. */
    readonly refused: boolean;
  },
  options: CallOptions,
) => Promise<GitCredentials>;

/** Number of the file that a secret is read from. */
export const secretDescriptor = 3;

/** How the git program is run. */
export interface GitOptions {
  /** HOME of every git process and parent of the platform's own git folders. Made when absent; not the user's home. */
  readonly homeDir: string;
  /** PATH of every git process. */
  readonly pathEnv: string;
  /** Transports that an address may use. @default file, https, ssh */
  readonly protocols?: readonly string[];
  /** Longest run of one git process, in milliseconds. @default 600000 */
  readonly timeoutMs?: number;
  /** Author and committer of the platform's commits. @default ABCA agent */
  readonly identity?: { readonly name: string; readonly email: string };
  /** Added to the environment of every git process: a proxy, the mark of the session that it belongs to. No secret. */
  readonly environment?: Readonly<Record<string, string>>;
  /** @default no credentials: enough for a repository on a path */
  readonly credentials?: GitCredentialSource;
}

/** Transports that are allowed unless an option says otherwise. `ext::` would run a program of the address's choice. */
export const defaultProtocols: readonly string[] = ['file', 'https', 'ssh'];

export const defaultIdentity = { name: 'ABCA agent', email: 'agent@abca.invalid' } as const;

export const defaultTimeoutMs = 600_000;
