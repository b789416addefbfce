import type { ForgeType } from '../ports/forge.ts';
import type { Channel } from './audience.ts';
import type { NotificationSettings } from './notification-settings.ts';

/**
 * Whether a person is told on a channel, by their settings. The comment on GitHub is on unless they said otherwise, for
 * repositories that are there.
 *
 * @param forge where the repository of the task is; undefined when the platform does not know it any more
 */
export function isSubscribed(channel: Channel, settings: NotificationSettings, forge: ForgeType | undefined): boolean {
  switch (channel) {
    case 'slack':
      return settings.slack !== undefined;
    case 'email':
      return settings.email !== undefined;
    case 'github':
      return forge === 'github' && settings.github?.comment !== false;
    default:
      return channel satisfies never;
  }
}
