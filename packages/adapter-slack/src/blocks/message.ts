import type { KnownBlock } from '@slack/types';

/** What a message of the platform is made of. */
export interface SlackMessage {
  /** For notifications, and for whoever cannot be shown blocks. */
  readonly text: string;
  readonly blocks: KnownBlock[];
}
