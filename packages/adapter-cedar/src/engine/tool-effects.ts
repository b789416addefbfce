/** What a tool call touches, by its name and input. */
export type ToolEffects =
  | {
      readonly kind: 'readable';
      readonly paths: readonly string[];
      readonly command: string | undefined;
      /** The fields of the input that this was read from, as they are in it. */
      readonly input: Readonly<Record<string, unknown>>;
    }
  /** A tool that writes or runs something, in a way that cannot be read from its input. */
  | { readonly kind: 'unreadable'; readonly what: string };

/** Tools that write the one file that this field of their input names. */
const fileTools: ReadonlyMap<string, string> = new Map([
  ['Write', 'file_path'],
  ['Edit', 'file_path'],
  ['MultiEdit', 'file_path'],
  ['NotebookEdit', 'notebook_path'],
]);

/** Tools that run a shell command in the `command` field of their input. */
const shellTools: ReadonlySet<string> = new Set(['Bash']);

const soundsLikeWriting = /write|edit|create|delete|remove|move|rename|append|patch|copy|save|replace|insert/i;
const soundsLikeShell = /bash|shell|exec|terminal|command|run|powershell/i;
const pathFields = [
  'file_path',
  'filePath',
  'path',
  'paths',
  'file',
  'files',
  'filename',
  'notebook_path',
  'source',
  'destination',
  'target',
  'new_path',
  'newPath',
];
const commandFields = ['command', 'cmd', 'script'];

/**
 * Read what a tool call touches. Tools that are not known, those of MCP servers among them, are judged by their name:
 * one that sounds like writing or like a shell has its path or command judged as well.
 */
export function toolEffects(toolName: string, input: unknown): ToolEffects {
  const fields = fieldsOf(input);
  const pathField = fileTools.get(toolName);
  if (pathField !== undefined) return oneField(toolName, pathField, fields, (path) => ({ paths: [path] }));
  if (shellTools.has(toolName)) return oneField(toolName, 'command', fields, (command) => ({ command }));
  const name = toolName.slice(toolName.lastIndexOf('__') + 1);
  const places = soundsLikeWriting.test(name)
    ? pathFields.filter((field) => textsIn(fields.get(field)).length > 0)
    : [];
  const [codeField] = soundsLikeShell.test(name) ? commandFields.filter((field) => holdsCode(fields.get(field))) : [];
  return {
    kind: 'readable',
    paths: places.flatMap((field) => textsIn(fields.get(field))),
    command: codeField === undefined ? undefined : codeIn(fields.get(codeField)),
    input: picked(fields, codeField === undefined ? places : [...places, codeField]),
  };
}

type Fields = ReadonlyMap<string, unknown>;

function fieldsOf(input: unknown): Fields {
  return new Map(typeof input === 'object' && input !== null ? Object.entries(input) : []);
}

function oneField(
  toolName: string,
  field: string,
  fields: Fields,
  effect: (value: string) => { readonly paths?: readonly string[]; readonly command?: string },
): ToolEffects {
  const value = fields.get(field);
  if (typeof value !== 'string' || value === '') {
    return { kind: 'unreadable', what: `the input of ${toolName} has no text in ${field}` };
  }
  return { kind: 'readable', paths: [], command: undefined, ...effect(value), input: picked(fields, [field]) };
}

function picked(fields: Fields, names: readonly string[]): Readonly<Record<string, unknown>> {
  return Object.fromEntries(names.map((name) => [name, fields.get(name)]));
}

function textsIn(value: unknown): readonly string[] {
  return [value].flat().filter((text): text is string => typeof text === 'string' && text !== '');
}

function holdsCode(value: unknown): boolean {
  return typeof value === 'string' || Array.isArray(value);
}

function codeIn(value: unknown): string {
  return Array.isArray(value) ? value.map(String).join(' ') : String(value);
}
