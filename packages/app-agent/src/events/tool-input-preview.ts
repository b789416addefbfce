import { preview, redactDeep } from '@abca/core';

/** Fields that say by themselves what a call is about, most telling first. */
const mainFields = ['command', 'file_path', 'path', 'pattern', 'url', 'query'] as const;

/** What people are shown of a tool's input: the field that matters where there is one, else its JSON. */
export function toolInputPreview(input: unknown, checkoutDir: string): string {
  return preview(withoutCheckout(mainField(input) ?? jsonOf(input), checkoutDir));
}

/** `text` with paths of the checkout as the repository knows them: where a session keeps it tells nobody anything. */
export function withoutCheckout(text: string, checkoutDir: string): string {
  return text.replaceAll(`${checkoutDir}/`, '');
}

function mainField(input: unknown): string | undefined {
  if (typeof input !== 'object' || input === null) return undefined;
  const fields = input as Readonly<Record<string, unknown>>;
  return mainFields.map((name) => fields[name]).find((value) => typeof value === 'string');
}

/** Redacted before it is made JSON: escapes inside a text could hide a secret from its pattern. */
function jsonOf(input: unknown): string {
  try {
    return JSON.stringify(redactDeep(input)) ?? '';
  } catch {
    return '[input cannot be shown]';
  }
}
