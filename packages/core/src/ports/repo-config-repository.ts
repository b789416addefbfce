import type { RepoId } from '../ids/ids.ts';
import type { RepoConfig } from '../repo/repo-config.ts';
import type { CallOptions } from './call-options.ts';

/** Repositories that tasks may be submitted for, with their blueprints. */
export interface RepoConfigRepository {
  /** Read with strong consistency. A removed one is returned as such. @throws AbcaError STORE_CORRUPT when the stored blueprint is not valid */
  find(repo: RepoId, options?: CallOptions): Promise<RepoConfig | undefined>;
  /** Create or replace. */
  put(config: RepoConfig, options?: CallOptions): Promise<void>;
  /** Active ones, by name. */
  list(
    query: { readonly limit: number; readonly nextToken?: string },
    options?: CallOptions,
  ): Promise<{ readonly repos: readonly RepoConfig[]; readonly nextToken?: string }>;
}
