import { describe, expect, test } from '@jest/globals';
import type { ForgeTokens } from '@abca/core';
import { tokenCredentials } from './token-credentials.ts';

const origin = 'https://forge.example';

/** Tokens `t1`, `t2`, …; a new one only for a refusal. */
function countedTokens(): ForgeTokens & { readonly asked: unknown[] } {
  const asked: unknown[] = [];
  let last = 0;
  return {
    asked,
    get: (request) => {
      asked.push(request);
      if (last === 0 || request.refuse !== undefined) last += 1;
      return Promise.resolve({ token: `t${String(last)}` });
    },
  };
}

const reading = { operation: 'read', refused: false } as const;

describe('tokenCredentials()', () => {
  test('gives a token by the socket, and a helper for the one origin', async () => {
    const source = tokenCredentials({ tokens: countedTokens(), origin });

    expect(await source({ ...reading, cloneUrl: `${origin}/acme/shop.git` }, {})).toStrictEqual({
      secret: 'password=t1\n',
      config: [
        'credential.https://forge.example.username=x-access-token',
        'credential.https://forge.example.helper=!f() { test "$1" = get && cat <&3; }; f',
        'http.followRedirects=false',
      ],
    });
  });

  test('asks for what the operation does, and names a token that was refused', async () => {
    const tokens = countedTokens();
    const source = tokenCredentials({ tokens, origin, username: 'bot' });
    const cloneUrl = `${origin}/acme/shop`;

    const first = await source({ cloneUrl, operation: 'write', refused: false }, {});
    const second = await source({ cloneUrl, operation: 'write', refused: true }, {});

    expect(tokens.asked).toStrictEqual([
      { repo: 'acme/shop', access: 'write' },
      { repo: 'acme/shop', access: 'write', refuse: 't1' },
    ]);
    expect([first.secret, second.secret]).toStrictEqual(['password=t1\n', 'password=t2\n']);
    expect(first.config?.[0]).toBe('credential.https://forge.example.username=bot');
  });

  test('refuses nothing that it did not give', async () => {
    const tokens = countedTokens();

    await tokenCredentials({ tokens, origin })({ cloneUrl: `${origin}/a/b`, operation: 'read', refused: true }, {});

    expect(tokens.asked).toStrictEqual([{ repo: 'a/b', access: 'read' }]);
  });

  test.each([
    '/srv/shop.git',
    'git@forge.example:acme/shop.git',
    'ssh://git@forge.example/acme/shop.git',
    'http://forge.example/acme/shop.git',
    'https://forge.example:8443/acme/shop.git',
    'https://forge.example.evil.example/acme/shop.git',
    'https://evil.example/forge.example/shop.git',
    'https://sub.forge.example/acme/shop.git',
    'https://forge.example/acme',
    'https://forge.example/a/b/c',
    'https://forge.example/',
  ])('asks for nothing for %s', async (cloneUrl) => {
    const tokens = countedTokens();

    expect(await tokenCredentials({ tokens, origin })({ ...reading, cloneUrl }, {})).toStrictEqual({});
    expect(tokens.asked).toStrictEqual([]);
  });

  test.each(['t\nhost=evil.example', 't\r', 't\0'])('gives no token that is more than a line: %j', async (token) => {
    const tokens: ForgeTokens = { get: () => Promise.resolve({ token }) };

    const given = tokenCredentials({ tokens, origin })({ ...reading, cloneUrl: `${origin}/a/b` }, {});

    await expect(given).rejects.toMatchObject({
      code: 'FORGE_ACCESS_DENIED',
      message: expect.not.stringContaining('evil'),
    });
  });
});
