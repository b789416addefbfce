import type { AbcaError, Logger, ReconcileRules } from '@abca/core';
import type { LocalLambdaObserver } from '@abca/local-lambda';
import type { ContainerModule } from 'inversify';

/** What a program may add to a platform. */
export interface PlatformOptions {
  /** Environment of the caller: read for model credentials and PATH, never passed on as a whole. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly logger: Logger;
  /** Program and arguments of the agent. Default: ABCA's own. */
  readonly agentCommand?: readonly [string, ...string[]];
  /** Loaded after the platform's own modules: may rebind their ports. */
  readonly modules?: readonly ContainerModule[];
  /** When something counts as left over. For tests; default: those of core. */
  readonly reconcileRules?: ReconcileRules;
  /** Sees every durable boundary. For crash tests. */
  readonly observer?: LocalLambdaObserver;
}

/** A platform that runs. */
export interface Platform {
  /** Address of the HTTP API. */
  readonly url: string;
  /** What callers of the HTTP API present. */
  readonly token: string;
  readonly dataDir: string;
  /** How people are told which model is in use. */
  readonly modelLabel: string;
  /** Resolves when a part of the platform has ended by itself and the rest is of no use. Settles at a stop, too. */
  readonly failed: Promise<AbcaError>;
  /**
   * `graceful`: no new work, sessions told to end, their work saved, the store closed. `now`: everything ends at once;
   * what was stored is taken up by the next start. Repeatable; `now` overtakes `graceful`.
   */
  stop(mode: 'graceful' | 'now'): Promise<void>;
}
