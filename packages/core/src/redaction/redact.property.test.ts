import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { preview, stripEscapes } from './preview.ts';
import { redact, redactDeep, redactOrHide } from './redact.ts';

// Assembled, so that no scanner takes this file for a leak.
const join = (...parts: string[]) => parts.join('');
const secrets: readonly [string, string][] = [
  ['AWS_KEY', join('AKIA', 'IOSFODNN7EXAMPLE')],
  ['AWS_KEY', join('ASIA', 'IOSFODNN7EXAMPLE')],
  ['GITHUB_TOKEN', join('ghp_', '0123456789abcdefABCDEF0123456789abcd')],
  ['GITHUB_TOKEN', join('ghs_', '0123456789abcdefABCDEF0123456789abcd')],
  ['GITHUB_TOKEN', join('github_pat_', '11ABCDEFG0abcdefghijkl_ABCDEFG')],
  ['ABCA_CREDENTIAL', join('abca-local-', 'key-0123456789abcdef0123456789abcdef')],
  ['ABCA_CREDENTIAL', join('abca-', 'token-AbCd0123_-AbCd0123_-AbCd0123_-Ab')],
  ['ABCA_CREDENTIAL', join('abca-', `link-1.${'AbCd0123_-'.repeat(8)}.${'x'.repeat(43)}`)],
  ['ANTHROPIC_KEY', join('sk-ant-', 'api03-abcdefghijklmnop')],
  ['SLACK_TOKEN', join('xoxb-', '123456789012-abcdef')],
  ['JWT', join('eyJ', 'hbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTYifQ.c2lnbmF0dXJl')],
  ['PRIVATE_KEY', join('-----BEGIN RSA ', 'PRIVATE KEY-----\nMIIE\nabc\n-----END RSA PRIVATE KEY-----')],
];

describe('redact()', () => {
  test.each(secrets)('hides %s wherever it stands', (kind, secret) => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom('a', ' ', '\n', '"', '.', 'é', '=') }), (around) => {
        const shown = redact(`${around} ${secret} ${around}`);
        expect(shown).not.toContain(secret);
        expect(shown).toContain(`[REDACTED-${kind}]`);
      }),
      { numRuns: 30 },
    );
  });

  test.each(secrets)('hides %s behind an escape or an underscore', (kind, secret) => {
    for (const before of ['\\n', '\\t', 'my_', 'token']) {
      expect(redact(before + secret)).toContain(`[REDACTED-${kind}]`);
    }
  });

  test.each([
    [join('postgres://admin:', 'hunter2secret@db/x'), 'postgres://admin:[REDACTED-CONNECTION_STRING]@db/x'],
    [join('https://', 'gho0123456789@github.com/a/b'), 'https://[REDACTED-URL_TOKEN]@github.com/a/b'],
    [join('Authorization: Bearer ', 'abcdef1234567890'), 'Authorization: Bearer [REDACTED-BEARER]'],
    [join('http://', 'gho0123456789@ghe.local/a'), 'http://[REDACTED-URL_TOKEN]@ghe.local/a'],
    [join('aws_session_token: "', 'a'.repeat(20), '"'), 'aws_session_token: "[REDACTED-AWS_SECRET]"'],
    [join('"AWS_SESSION_TOKEN" = ', 'a'.repeat(20)), '"AWS_SESSION_TOKEN" = [REDACTED-AWS_SECRET]'],
    [join('awsSecretAccessKey=', 'a'.repeat(20)), 'awsSecretAccessKey=[REDACTED-AWS_SECRET]'],
    [join('awsSessionToken=', 'a'.repeat(20)), 'awsSessionToken=[REDACTED-AWS_SECRET]'],
    [join('aws_secret_access_key  :  ', 'a'.repeat(20)), 'aws_secret_access_key  :  [REDACTED-AWS_SECRET]'],
    [join('a -----BEGIN RSA ', 'PRIVATE KEY-----\nx\n-----END RSA PRIVATE KEY----- b'), 'a [REDACTED-PRIVATE_KEY] b'],
    [join('a -----BEGIN ', 'PRIVATE KEY-----\nx\n-----END PRIVATE KEY----- b'), 'a [REDACTED-PRIVATE_KEY] b'],
    [join('authorization: Basic ', 'dXNlcjpwYXNzd29yZA=='), 'authorization: Basic [REDACTED-BASIC_AUTH]'],
    [
      join('AWS_SECRET_ACCESS_KEY=', 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY'),
      'AWS_SECRET_ACCESS_KEY=[REDACTED-AWS_SECRET]',
    ],
    [
      join('https://hooks.slack.com/services/', 'T00000000/B00000000/XXXXXXXX'),
      'https://hooks.slack.com/services/[REDACTED-SLACK_WEBHOOK]',
    ],
  ])('keeps what tells people where the secret was: %s', (text, shown) => {
    expect(redact(text)).toBe(shown);
  });

  test.each([
    'git@github.com:acme/shop.git',
    'https://github.com/acme/shop',
    'const token = readToken();',
    'sha 0123456789abcdef',
    'https://user@host/x',
  ])('leaves ordinary text alone: %s', (text) => {
    expect(redact(text)).toBe(text);
  });

  test.each([
    ['CI_DEPLOY_TOKEN=', 'Zk3-9x_q!7'],
    ['DB_PASSWORD=', 'correct-horse'],
    ['MYSQL_ROOT_PASSWD=', 'p$ss|w0rd'],
    ['STRIPE_API_KEY=', '$2b$10$abcdefgh'],
    ['SECRET=', '1234567890abcdef'],
    ['export CLIENT_SECRET_V2=', "'two words'"],
    ['declare -x NPM_TOKEN=', '"quoted value"'],
    ['cd app && export NPM_TOKEN=', 'abcdefgh'],
    ['HOME=/root\n  MY_PRIVATE_KEY=', 'abcdefgh'],
    ['     7→ACCESS_KEY=', 'abcdefgh'],
    ['12:ACCESS_KEY=', 'abcdefgh'],
    ['+ACCESS_KEY=', 'abcdefgh'],
    ['{"content":"A=1\\nACCESS_KEY=', 'abcdefgh'],
  ])('hides the value of an assignment whose name says that it is secret: %s', (before, value) => {
    expect(redact(`${before}${value}\nPATH=/bin`)).toBe(`${before}[REDACTED-ENV_SECRET]\nPATH=/bin`);
  });

  test.each([
    'TOKEN_COUNT=12345678',
    'MAX_TOKENS="10000000"',
    'TOKEN=short',
    'TOKEN=$OTHER_TOKEN',
    'TOKEN="${OTHER_TOKEN:-none}"',
    'TOKEN=$(cat /run/secrets/token)',
    'TOKEN == otherToken',
    'TOKEN==otherToken',
    'const TOKEN = readToken();',
    'if TOKEN=abcdefgh',
    'token=abcdefghijkl',
    'PATH=/usr/local/bin:/usr/bin',
  ])('leaves an assignment alone that shows no secret: %s', (text) => {
    expect(redact(text)).toBe(text);
  });

  test('names the kind of a secret that it knows rather than that of its assignment', () => {
    const [kind, secret] = secrets[2]!;

    expect(redact(`GITHUB_TOKEN=${secret}`)).toBe(`GITHUB_TOKEN=[REDACTED-${kind}]`);
  });

  test('a cut private key is hidden to the end of the text', () => {
    expect(redact(join('x -----BEGIN ', 'PRIVATE KEY-----\nMIIEabc'))).toBe('x [REDACTED-PRIVATE_KEY]');
  });

  test('is idempotent on any text', () => {
    const piece = fc.oneof(fc.string(), fc.constantFrom(...secrets.map(([, secret]) => secret)));
    fc.assert(
      fc.property(fc.array(piece), (pieces) => {
        const once = redact(pieces.join(' '));
        expect(redact(once)).toBe(once);
      }),
    );
  });

  test('is idempotent on assignments, whatever they are made of', () => {
    const names = ['export ', 'API_TOKEN', 'X_SECRET=', '=', '\n', '\\n', '+', '12:'];
    const values = ['"', "'", '$', '${A}', 'abcdefgh', '12345678', ' ', '[REDACTED-', ']', 'a'.repeat(3_999)];
    const piece = fc.constantFrom(...names, ...values, ...secrets.map(([, secret]) => `${secret} `));
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 30 }), (pieces) => {
        const once = redact(pieces.join(''));
        expect(redact(once)).toBe(once);
      }),
      { numRuns: 1_000 },
    );
  });

  test('takes time in proportion to the length of the worst text', () => {
    const worst = `${'a'.repeat(125_000)}${'eyJ'.repeat(25_000)}${'-----BEGIN '.repeat(5_000)}\n${'export TOKEN'.repeat(5_000)}`;
    // The fastest of three: other programs may take the processor away, they never give more of it.
    const times = [1, 2, 3].map(() => {
      const before = performance.now();
      redact(worst);
      return performance.now() - before;
    });

    // A quadratic scan of a quarter of a megabyte takes minutes, a linear one a tenth of a second.
    expect(Math.min(...times)).toBeLessThan(2_000);
  });

  test('reaches keys and values of any JSON', () => {
    const [, secret] = secrets[0]!;

    expect(redactDeep({ [secret]: [{ a: `x ${secret}` }, 1, null, true] })).toStrictEqual({
      '[REDACTED-AWS_KEY]': [{ a: 'x [REDACTED-AWS_KEY]' }, 1, null, true],
    });
  });
});

describe('redactOrHide()', () => {
  test('shows what was scanned', () => {
    expect(redactOrHide('plain')).toBe('plain');
  });

  test('shows nothing of a text that could not be scanned', () => {
    const trap = {
      replaceAll: (): never => {
        throw new Error('out of memory');
      },
    };

    expect(redactOrHide(trap as unknown as string)).toBe('[REDACTED: the text could not be scanned]');
  });
});

describe('preview()', () => {
  test('never exceeds its length, never ends in half a character, holds no escape sequence', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.integer({ min: 2, max: 50 }), (text, chars) => {
        const shown = preview(text, chars);
        expect(shown.length).toBeLessThanOrEqual(chars);
        expect(shown.replace(/…$/, '')).not.toMatch(/[\uD800-\uDBFF]$/);
        expect(shown).not.toContain('\u001b');
      }),
    );
  });

  test('redacts before it cuts: a cut secret is one no pattern knows', () => {
    const [, secret] = secrets[2]!;

    expect(preview(`${'x'.repeat(185)} ${secret}`)).not.toContain('ghp_');
  });

  test('cuts to the length with a mark of the cut, and leaves a text that fits', () => {
    expect(preview('abcdef', 6)).toBe('abcdef');
    expect(preview('abcdefg', 6)).toBe('abcde…');
    expect(preview('abcd🙂g', 6)).toBe('abcd…');
    expect(preview('x'.repeat(300))).toBe(`${'x'.repeat(199)}…`);
  });

  test.each([
    ['a title without its end', '\u001b]0;title', ''],
    ['a title that ends as terminals end them', '\u001b]0;title\u001b\\x', 'x'],
    ['two characters', '\u001bMx', 'x'],
    ['an escape that starts nothing', '\u001b5x', '5x'],
  ])('strips %s', (_what, text, shown) => {
    expect(stripEscapes(text)).toBe(shown);
  });

  test('strips colours, titles and control characters, keeps lines and tabs', () => {
    expect(stripEscapes('\u001b[31mred\u001b[0m\u001b]0;title\u0007 a\tb\r\nc\u0000\u009b')).toBe('red a\tb\nc');
  });
});
