import type { RepoId } from '../ids/ids.ts';
import type { CallOptions } from './call-options.ts';

/** What a token lets its holder do in one repository: look, leave reviews too, or write code, issues and pull requests too. */
export const forgeAccesses = ['read', 'review', 'write'] as const;
export type ForgeAccess = (typeof forgeAccesses)[number];

/** A credential for one repository. Never logged, stored or shown. */
export interface ForgeToken {
  readonly token: string;
  /** Absent when it does not expire by itself. */
  readonly expiresAtMs?: number;
}

/** Where tokens for a forge come from: an app that mints them, a person's own one, or the platform for a session. */
export interface ForgeTokens {
  /**
   * A token that is good for at least `minRemainingMs` more (five minutes unless it says otherwise), for this repository alone
   * where the source can narrow it.
   *
   * @param request `refuse`: a token that the forge just refused, which is then not handed out again
   * @throws AbcaError FORGE_ACCESS_DENIED when the source has no access to the repository, with the remedy; SERVICE_UNAVAILABLE
   *   (retryable) when it did not answer
   */
  get(
    request: {
      readonly repo: RepoId;
      readonly access: ForgeAccess;
      readonly minRemainingMs?: number;
      readonly refuse?: string;
    },
    options?: CallOptions,
  ): Promise<ForgeToken>;
}
