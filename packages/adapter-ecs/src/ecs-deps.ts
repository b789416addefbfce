import type { Clock, Logger } from '@abca/core';
import type { ECSClient } from '@aws-sdk/client-ecs';
import type { EcsSettings } from './settings/ecs-settings.ts';

/** What the verbs of the strategy share. */
export interface EcsDeps {
  readonly settings: EcsSettings;
  /** The one client of this strategy. */
  readonly client: () => ECSClient;
  readonly clock: Clock;
  readonly logger?: Logger | undefined;
  readonly startRetry: { readonly tries: number; readonly firstDelayMs: number };
  readonly stopWait: { readonly withinMs: number; readonly everyMs: number };
}
