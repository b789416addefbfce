import type { IdentityLinks, UserId } from '@abca/core';
import { beforeEach, describe, expect, test } from '@jest/globals';
import { rejectionsOf } from './outcome-of.ts';

/** What every {@link IdentityLinks} must do. Run from each implementation's own test file. */
export function identityLinksContract(setup: {
  create(): Promise<{ readonly links: IdentityLinks; another(): IdentityLinks }>;
}): void {
  describe('IdentityLinks contract', () => {
    let links: IdentityLinks;
    let other: IdentityLinks;

    beforeEach(async () => {
      const created = await setup.create();
      links = created.links;
      other = created.another();
    });

    const ann = 'ann' as UserId;
    const bob = 'bob' as UserId;

    test('knows nobody at first', async () => {
      expect(await links.find('U0ANN')).toBeUndefined();
    });

    test('finds who was linked, from every process at once', async () => {
      expect(await links.link('U0ANN', ann)).toBe('linked');

      expect(await other.find('U0ANN')).toBe(ann);
    });

    test.each([bob, ann])('a link stays as it was made, whoever asks again: %s', async (again) => {
      await links.link('U0ANN', ann);

      expect(await other.link('U0ANN', again)).toBe('taken');
      expect(await links.find('U0ANN')).toBe(ann);
    });

    test('one person may use several accounts', async () => {
      await links.link('U0ANN', ann);

      expect(await links.link('W0ANN', ann)).toBe('linked');
      expect([await links.find('U0ANN'), await links.find('W0ANN')]).toStrictEqual([ann, ann]);
    });

    test('ids are told apart by every letter', async () => {
      await links.link('U0ANN', ann);

      expect(await links.find('u0ann')).toBeUndefined();
      expect(await links.link('u0ann', bob)).toBe('linked');
    });

    test('of many who ask at the same moment one is linked', async () => {
      const users = Array.from({ length: 8 }, (_, n) => `user-${String(n)}` as UserId);
      const results = await Promise.all(users.map((user, n) => (n % 2 === 0 ? links : other).link('U0ANN', user)));

      expect(results.filter((result) => result === 'linked')).toHaveLength(1);
      expect(await links.find('U0ANN')).toBe(users[results.indexOf('linked')]);
    });

    test('every call ends with the reason of an aborted signal', async () => {
      const { reason, rejections } = await rejectionsOf([
        (options) => links.link('U0ANN', ann, options),
        (options) => links.find('U0ANN', options),
      ]);

      expect(rejections).toStrictEqual([reason, reason]);
      expect(await links.find('U0ANN')).toBeUndefined();
    });
  });
}
