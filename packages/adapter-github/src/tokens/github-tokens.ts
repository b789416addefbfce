import type { CallOptions, ForgeTokens } from '@abca/core';

/** Tokens of GitHub, and whom they speak for. */
export interface GitHubTokens extends ForgeTokens {
  /**
   * Login that shows as the author of what is written with them.
   *
   * @throws AbcaError FORGE_ACCESS_DENIED, SERVICE_UNAVAILABLE (retryable)
   */
  login(options?: CallOptions): Promise<string>;
}

/** How long a token must be good for unless the caller says otherwise, milliseconds. */
export const defaultMinRemainingMs = 5 * 60 * 1000;
