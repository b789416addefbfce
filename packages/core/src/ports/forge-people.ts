import type { CallOptions } from './call-options.ts';
import type { ForgeRepo } from './forge.ts';

/** What somebody may do in a repository. */
export type ForgePermission = 'write' | 'read' | 'none';

/** Who may do what on the forge. Asked before a word of somebody there starts any work. */
export interface ForgePeople {
  /**
   * As it is now; `none` for somebody the forge does not know. An answer may be a minute old.
   *
   * @throws AbcaError FORGE_ACCESS_DENIED, SERVICE_UNAVAILABLE (retryable)
   */
  permissionOf(query: ForgeRepo & { readonly login: string }, options?: CallOptions): Promise<ForgePermission>;
}
