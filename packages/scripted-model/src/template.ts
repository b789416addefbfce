/**
 * `value` with each `{{name}}` in its texts replaced, in one pass: what a variable holds is not looked at again.
 *
 * @throws Error when a name has no value.
 */
export function fillTemplate<T>(value: T, variables: Readonly<Record<string, string | undefined>>): T {
  return fill(value, variables) as T;
}

function fill(value: unknown, variables: Readonly<Record<string, string | undefined>>): unknown {
  if (typeof value === 'string') return value.replaceAll(/\{\{(\w+)\}\}/g, (_, name: string) => find(name, variables));
  if (Array.isArray(value)) return value.map((item) => fill(item, variables));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, fill(item, variables)]));
}

function find(name: string, variables: Readonly<Record<string, string | undefined>>): string {
  const value = Object.hasOwn(variables, name) ? variables[name] : undefined;
  if (value === undefined) throw new Error(`the script uses {{${name}}}, which has no value in this conversation`);
  return value;
}
