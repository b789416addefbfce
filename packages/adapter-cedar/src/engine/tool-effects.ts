/** What a tool call touches, by its name and input. */
export type ToolEffects =
  | { readonly kind: 'readable'; readonly paths: readonly string[]; readonly command: string | undefined }
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
  return {
    kind: 'readable',
    paths: soundsLikeWriting.test(name) ? textsIn(fields, pathFields) : [],
    command: soundsLikeShell.test(name) ? commandIn(fields) : undefined,
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
  return { kind: 'readable', paths: [], command: undefined, ...effect(value) };
}

function textsIn(fields: Fields, names: readonly string[]): readonly string[] {
  return names
    .flatMap((name) => fields.get(name))
    .filter((value): value is string => typeof value === 'string' && value !== '');
}

function commandIn(fields: Fields): string | undefined {
  for (const name of commandFields) {
    const value = fields.get(name);
    if (typeof value === 'string') return value;
    if (Array.isArray(value)) return value.map(String).join(' ');
  }
  return undefined;
}
