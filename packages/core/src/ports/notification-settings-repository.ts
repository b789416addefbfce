import type { UserId } from '../ids/ids.ts';
import type { NotificationSettings } from '../notify/notification-settings.ts';
import type { CallOptions } from './call-options.ts';

/** How people want to be told, by person. Throws AbcaError SERVICE_UNAVAILABLE or STORE_ERROR (retryable). */
export interface NotificationSettingsRepository {
  /** Read with strong consistency; empty settings for somebody who has set nothing. */
  get(userId: UserId, options?: CallOptions): Promise<NotificationSettings>;
  /** Create or replace all of a person's settings. */
  put(userId: UserId, settings: NotificationSettings, options?: CallOptions): Promise<void>;
}
