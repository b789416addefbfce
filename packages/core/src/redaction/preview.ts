import { limits } from '../limits.ts';
import { redactOrHide } from './redact.ts';

// eslint-disable-next-line no-control-regex -- control characters are what is looked for
const escapeSequences = /\u001b(?:\[[0-?]*[ -/]*[@-~]|\][^\u0007\u001b]*(?:\u0007|\u001b\\)?|[@-Z\\-_])/g;
// eslint-disable-next-line no-control-regex -- control characters are what is looked for
const controls = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g;

/** `text` without terminal escape sequences and control characters; line breaks and tabs stay. */
export function stripEscapes(text: string): string {
  return text.replaceAll('\r\n', '\n').replaceAll(escapeSequences, '').replaceAll(controls, '');
}

/**
 * What people are shown of a longer text: redacted first, so that a cut never leaves half a secret that no pattern
 * knows, without escape sequences, at most `chars` characters, never half a surrogate pair.
 */
export function preview(text: string, chars: number = limits.previewChars): string {
  const clean = redactOrHide(stripEscapes(text));
  if (clean.length <= chars) return clean;
  const cut = clean.slice(0, chars - 1);
  return `${cut.replace(/[\uD800-\uDBFF]$/, '')}…`;
}
