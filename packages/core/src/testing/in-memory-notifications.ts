import type { UserId } from '../ids/ids.ts';
import type { NotificationSettings } from '../notify/notification-settings.ts';
import type { CallOptions } from '../ports/call-options.ts';
import type { IdentityLinks } from '../ports/identity-links.ts';
import type { NotificationSettingsRepository } from '../ports/notification-settings-repository.ts';

/** {@link NotificationSettingsRepository} in memory. */
export class InMemoryNotificationSettings implements NotificationSettingsRepository {
  readonly #settings = new Map<UserId, NotificationSettings>();

  async get(userId: UserId, options: CallOptions = {}): Promise<NotificationSettings> {
    options.signal?.throwIfAborted();
    return structuredClone(this.#settings.get(userId) ?? {});
  }

  async put(userId: UserId, settings: NotificationSettings, options: CallOptions = {}): Promise<void> {
    options.signal?.throwIfAborted();
    this.#settings.set(userId, structuredClone(settings));
  }
}

/** {@link IdentityLinks} in memory. */
export class InMemoryIdentityLinks implements IdentityLinks {
  readonly #users = new Map<string, UserId>();

  async link(slackUserId: string, userId: UserId, options: CallOptions = {}): Promise<'linked' | 'taken'> {
    options.signal?.throwIfAborted();
    if (this.#users.has(slackUserId)) return 'taken';
    this.#users.set(slackUserId, userId);
    return 'linked';
  }

  async find(slackUserId: string, options: CallOptions = {}): Promise<UserId | undefined> {
    options.signal?.throwIfAborted();
    return this.#users.get(slackUserId);
  }
}
