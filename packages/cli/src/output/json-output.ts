import type { OutputStream } from '../io/cli-io.ts';
import { usageError } from '../errors/cli-error.ts';

/** The flags `--json [fields]` and `--jq expr`. */
export interface JsonFlags {
  /** `true`: all fields. */
  readonly json?: string | true;
  readonly jq?: string;
}

/** Whether data is asked for as JSON, and errors with it. */
export function wantsJson({ json, jq }: JsonFlags): boolean {
  return json !== undefined || jq !== undefined;
}

/** Makes the JSON text of values. */
export interface JsonFormat {
  /** Text of `value`, with its line break. */
  format(value: unknown): Promise<string>;
}

/**
 * How the flags want JSON: some fields or all, through jq or not; indented when a person looks at it.
 *
 * @param known fields that may be asked for
 * @throws CliError USAGE for a field that is none
 */
export function jsonFormat(flags: JsonFlags, known: readonly string[], stdout: OutputStream): JsonFormat {
  const wanted = parseFields(flags.json, known);
  const indent = stdout.isTTY === true ? 2 : undefined;
  return {
    async format(value) {
      const picked = wanted === undefined ? value : pickFields(value, wanted);
      if (flags.jq !== undefined) return runJq(picked, flags.jq);
      return `${toJson(picked, indent)}\n`;
    },
  };
}

/** JSON in which also the control characters beyond ASCII are escaped: some terminals obey them. */
export function toJson(value: unknown, indent?: number): string {
  return JSON.stringify(value, undefined, indent).replaceAll(
    /[\u007f-\u009f]/g,
    (character) => String.raw`\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

function parseFields(json: string | true | undefined, known: readonly string[]): readonly string[] | undefined {
  if (json === undefined || json === true) return undefined;
  const wanted = json.split(',').map((name) => name.trim());
  const unknown = wanted.filter((name) => !known.includes(name));
  if (unknown.length === 0) return wanted;
  throw usageError(`unknown field for --json: ${unknown.join(', ')}`, `the fields are: ${known.join(', ')}`);
}

function pickFields(value: unknown, wanted: readonly string[]): unknown {
  if (Array.isArray(value)) return value.map((item) => pickFields(item, wanted));
  const object = value as Readonly<Record<string, unknown>>;
  return Object.fromEntries(wanted.filter((name) => object[name] !== undefined).map((name) => [name, object[name]]));
}

/** Texts come out bare, as `jq -r` writes them. Loaded only here: it is a megabyte. */
async function runJq(value: unknown, expression: string): Promise<string> {
  const { raw } = await import('jq-wasm');
  try {
    const text = await raw(JSON.stringify(value), expression, ['-r', '-c']);
    return text === '' || text.endsWith('\n') ? text : `${text}\n`;
  } catch (error) {
    const reason = (error as Error).message.replace(/^Failed to execute raw query: /, '').trim();
    throw usageError(
      `the --jq expression failed: ${expression}: ${reason}`,
      'see https://jqlang.org/manual for the language',
    );
  }
}
