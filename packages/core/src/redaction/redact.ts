interface SecretPattern {
  readonly kind: string;
  readonly pattern: RegExp;
  /** Source of an expression for a part that every match holds, cheap to look for. In any case of letters. */
  readonly mark: string;
  /** Text kept before the mark, from the match's `keep` group. */
  readonly keepsPrefix?: true;
}

/** Words in the name of a variable that say that it holds a secret. */
const secretWords = 'SECRET|TOKEN|PASSWORD|PASSWD|API_KEY|PRIVATE_KEY|ACCESS_KEY';

/**
 * What a secret looks like. One list for both sides of the platform: two lists once differed, and raw output showed what
 * one of them did not know. Nothing is asked of what stands before a token: in a quoted text that is the letter of an escape,
 * `\nghp_…`. Order matters: whole blocks and URLs before the tokens they hold.
 */
const secretPatterns: readonly SecretPattern[] = [
  {
    kind: 'PRIVATE_KEY',
    mark: 'PRIVATE KEY',
    pattern: /-----BEGIN [A-Z0-9 ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z0-9 ]*PRIVATE KEY-----|$)/g,
  },
  {
    kind: 'CONNECTION_STRING',
    mark: '://',
    pattern: /(?<keep>\b[a-z][a-z0-9+.-]{1,20}:\/\/[^\s/:@'"]{0,100}:)[^\s/@'"]{1,400}(?=@)/gi,
    keepsPrefix: true,
  },
  { kind: 'URL_TOKEN', mark: '://', pattern: /(?<keep>\bhttps?:\/\/)[^\s/:@'"]{8,400}(?=@)/gi, keepsPrefix: true },
  { kind: 'AWS_KEY', mark: 'A(?:KI|SI|BI|CC)A', pattern: /(?<![A-Z0-9])(?:AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{16}\b/g },
  {
    kind: 'AWS_SECRET',
    mark: 'aws_?se',
    pattern:
      /(?<keep>aws_?(?:secret_?access_?key|session_?token)["']?\s{0,5}[=:]\s{0,5}["']?)[A-Za-z0-9/+=]{20,2000}/gi,
    keepsPrefix: true,
  },
  {
    kind: 'GITHUB_TOKEN',
    mark: 'gh[pousr]_|github_pat_',
    pattern: /(?:gh[pousr]_[A-Za-z0-9]{16,255}|github_pat_[A-Za-z0-9_]{20,255})/g,
  },
  {
    kind: 'ABCA_CREDENTIAL',
    mark: 'abca-',
    // Keys and tokens of the local platform, and of links that decide a request.
    pattern:
      /abca-(?:local-key-[0-9a-f]{32,64}|token-[A-Za-z0-9_-]{32,64}|link-1\.[A-Za-z0-9_-]{16,1900}(?:\.[A-Za-z0-9_-]{1,43})?)/g,
  },
  { kind: 'ANTHROPIC_KEY', mark: 'sk-ant-', pattern: /sk-ant-[A-Za-z0-9_-]{16,200}/g },
  { kind: 'SLACK_TOKEN', mark: 'xox|xapp-', pattern: /(?:xox[abeoprs]|xapp)-[A-Za-z0-9-]{10,250}/g },
  {
    kind: 'SLACK_WEBHOOK',
    mark: 'hooks.slack',
    pattern: /(?<keep>hooks\.slack\.com\/services\/)[A-Za-z0-9/]{20,100}/g,
    keepsPrefix: true,
  },
  { kind: 'JWT', mark: 'eyJ', pattern: /eyJ[A-Za-z0-9_-]{10,2000}\.[A-Za-z0-9_-]{10,4000}\.[A-Za-z0-9_-]{5,2000}/g },
  {
    kind: 'BEARER',
    mark: 'bearer',
    pattern: /(?<keep>\bbearer\s{1,5})[A-Za-z0-9._~+/=-]{12,4000}/gi,
    keepsPrefix: true,
  },
  {
    kind: 'BASIC_AUTH',
    mark: 'basic',
    pattern: /(?<keep>\bauthorization["']?\s{0,5}[:=]\s{0,5}["']?basic\s{1,5})[A-Za-z0-9+/=]{8,2000}/gi,
    keepsPrefix: true,
  },
  { kind: 'ENV_SECRET', mark: secretWords, pattern: envSecretPattern(), keepsPrefix: true },
];

/**
 * An assignment as shells, `env`, `export -p` and `.env` files write it, when the name says that it holds a secret. Read by
 * its parts: it begins a line, which may be one of a diff, of a numbered listing or of a quoted text, or follows an
 * `export`; and its value is long enough, no plain number (`MAX_TOKENS=100000`), no reference (`$NAME`, `${NAME}`, `$(…)`)
 * and not hidden already.
 */
function envSecretPattern(): RegExp {
  const start = String.raw`(?:(?:^|\\n)[ \t]{0,12}(?:\d{1,6}[\t:→])?[-+]?[ \t]{0,4}|export[ \t]{1,4}|declare -x[ \t]{1,4})`;
  const name = `[A-Z0-9_]{0,64}(?:${secretWords})[A-Z0-9_]{0,64}`;
  const end = String.raw`(?=["'\s\\;]|$)`;
  const reference = String.raw`\$(?:[A-Z_][A-Z0-9_]{0,64}${end}|\{[^}\s]{1,100}\}${end}|\()`;
  const harmless = String.raw`=|["']?(?:\[REDACTED-|\d{1,400}${end}|${reference})`;
  const value = String.raw`(?:"[^"\r\n]{8,4000}"|'[^'\r\n]{8,4000}'|\S{8,4000})`;
  return new RegExp(`(?<keep>${start}${name}=)(?!${harmless})${value}`, 'gm');
}

/** Nearly every text has no part that all matches of a pattern hold: one look instead of one for each pattern. */
const anyMark = new RegExp(secretPatterns.map(({ mark }) => mark).join('|'), 'i');

/**
 * `text` with every secret it shows replaced by `[REDACTED-<KIND>]`. Applied at every edge that a person or a model sees.
 * Idempotent. Linear in the length of the text: the quantifiers are bounded.
 */
export function redact(text: string): string {
  if (text.search(anyMark) < 0) return text;
  return secretPatterns.reduce((current, { kind, pattern, keepsPrefix }) => {
    const mark = `[REDACTED-${kind}]`;
    return current.replaceAll(pattern, keepsPrefix ? `$<keep>${mark}` : mark);
  }, text);
}

/** {@link redact} that answers with a fixed text should the scanner fail: nothing unscanned gets through. */
export function redactOrHide(text: string): string {
  try {
    return redact(text);
  } catch {
    return '[REDACTED: the text could not be scanned]';
  }
}

/** Any JSON with each of its texts redacted, keys too. */
export function redactDeep(value: unknown): unknown {
  if (typeof value === 'string') return redactOrHide(value);
  if (Array.isArray(value)) return value.map(redactDeep);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [redactOrHide(key), redactDeep(item)]));
}
