import { describe, expect, test } from '@jest/globals';
import { channels } from './audience.ts';
import { isSubscribed } from './subscription.ts';

const slack = { conversation: 'C0ANN' };
const email = { address: 'ann@example.com' };

describe('isSubscribed()', () => {
  test.each([
    [{}, 'github', ['github']],
    [{}, 'git', []],
    [{}, undefined, []],
    [{ slack }, 'git', ['slack']],
    [{ email }, undefined, ['email']],
    [{ slack, email, github: { comment: true } }, 'github', ['slack', 'github', 'email']],
    [{ slack, github: { comment: false } }, 'github', ['slack']],
    [{ github: { comment: true } }, 'git', []],
  ] as const)('%j, with the repository on %s: %j', (settings, forge, told) => {
    expect(channels.filter((channel) => isSubscribed(channel, settings, forge))).toStrictEqual(told);
  });
});
