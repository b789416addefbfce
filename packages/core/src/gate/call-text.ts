import { limits } from '../limits.ts';
import { preview } from '../redaction/preview.ts';
import { redactDeep, redactOrHide } from '../redaction/redact.ts';

/** Fields that say by themselves what a call is about, most telling first. */
const mainFields = ['command', 'file_path', 'path', 'pattern', 'url', 'query'] as const;

/** Where checkouts are in what is kept of calls: where a session keeps its own tells nobody anything. */
export const recordedWorkspace = '/workspace';

/** What people are shown of a tool's input: the field that matters where there is one, else its JSON. */
export function toolInputPreview(input: unknown, checkoutDir: string): string {
  return preview(withoutCheckout(mainField(input) ?? jsonOf(input), checkoutDir));
}

/**
 * The whole input for a person who decides on it: a lone field that says everything as it is, else every field by its name.
 * Redacted, without escape sequences, cut at `limits.approvalInputChars` with a mark of the cut.
 */
export function toolInputText(input: unknown, checkoutDir: string): string {
  return preview(withoutCheckout(fieldLines(input), checkoutDir), limits.approvalInputChars);
}

/** `text` with paths of the checkout as the repository knows them. */
export function withoutCheckout(text: string, checkoutDir: string): string {
  return text.replaceAll(`${checkoutDir}/`, '');
}

/** Any JSON, redacted, with the checkout at {@link recordedWorkspace}: it can be judged again anywhere. */
export function recordedJson(value: unknown, checkoutDir: string): unknown {
  if (typeof value === 'string') return redactDeep(value.replaceAll(checkoutDir, recordedWorkspace));
  if (Array.isArray(value)) return value.map((item) => recordedJson(item, checkoutDir));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, item]) => [redactOrHide(name), recordedJson(item, checkoutDir)]),
  );
}

function mainField(input: unknown): string | undefined {
  if (typeof input !== 'object' || input === null) return undefined;
  const fields = input as Readonly<Record<string, unknown>>;
  return mainFields.map((name) => fields[name]).find((value) => typeof value === 'string');
}

function fieldLines(input: unknown): string {
  if (typeof input !== 'object' || input === null || Array.isArray(input)) return jsonOf(input);
  const entries = Object.entries(input);
  const lone = entries.length === 1 ? mainField(input) : undefined;
  if (lone !== undefined) return lone;
  return entries.map(([name, value]) => `${name}: ${typeof value === 'string' ? value : jsonOf(value)}`).join('\n');
}

/** Redacted before it is made JSON: escapes inside a text could hide a secret from its pattern. */
function jsonOf(input: unknown): string {
  try {
    return JSON.stringify(redactDeep(input)) ?? '';
  } catch {
    return '[input cannot be shown]';
  }
}
