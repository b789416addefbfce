import { expect, test } from '@jest/globals';
import { ChannelPauses } from './channel-pauses.ts';

test('ChannelPauses leave a channel alone until a pause is over, and no other', () => {
  const pauses = new ChannelPauses();

  pauses.pause('slack', 1_000);

  expect([999, 1_000, 1_001].map((nowMs) => pauses.leftMs('slack', nowMs))).toStrictEqual([1, undefined, undefined]);
  expect(pauses.leftMs('email', 0)).toBeUndefined();
});
