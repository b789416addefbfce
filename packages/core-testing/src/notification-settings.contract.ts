import type { NotificationSettings, NotificationSettingsRepository, UserId } from '@abca/core';
import { beforeEach, describe, expect, test } from '@jest/globals';
import { rejectionsOf } from './outcome-of.ts';

/** What every {@link NotificationSettingsRepository} must do. Run from each implementation's own test file. */
export function notificationSettingsContract(setup: { create(): Promise<NotificationSettingsRepository> }): void {
  describe('NotificationSettingsRepository contract', () => {
    let repository: NotificationSettingsRepository;

    beforeEach(async () => {
      repository = await setup.create();
    });

    const ann = 'ann' as UserId;
    const all: NotificationSettings = {
      slack: { conversation: 'C0123_abc', minSeverity: 'medium' },
      github: { comment: false },
      email: { address: 'ann+Tag@example.com' },
    };

    test('gives empty settings for somebody who has set nothing', async () => {
      expect(await repository.get(ann)).toStrictEqual({});
    });

    test.each<[string, NotificationSettings]>([
      ['all channels', all],
      ['one of them', { slack: { conversation: 'U0ANN' } }],
      ['none', {}],
    ])('gives back what was put: %s', async (_what, settings) => {
      await repository.put(ann, settings);

      expect(await repository.get(ann)).toStrictEqual(settings);
    });

    test('replaces all of what was there', async () => {
      await repository.put(ann, all);
      await repository.put(ann, { github: { comment: true } });

      expect(await repository.get(ann)).toStrictEqual({ github: { comment: true } });
    });

    test('keeps those of each person apart, whatever a person is called', async () => {
      const odd = 'Ann#1|ü:{}' as UserId;
      await repository.put(ann, all);
      await repository.put(odd, { email: { address: 'odd@example.com' } });

      expect(await repository.get(ann)).toStrictEqual(all);
      expect(await repository.get(odd)).toStrictEqual({ email: { address: 'odd@example.com' } });
      expect(await repository.get('Ann' as UserId)).toStrictEqual({});
    });

    test('every call ends with the reason of an aborted signal', async () => {
      const { reason, rejections } = await rejectionsOf([
        (options) => repository.put(ann, all, options),
        (options) => repository.get(ann, options),
      ]);

      expect(rejections).toStrictEqual([reason, reason]);
      expect(await repository.get(ann)).toStrictEqual({});
    });
  });
}
