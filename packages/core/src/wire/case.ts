/** `awaitingApprovalRequestId` → `awaiting_approval_request_id`. */
export function toSnakeCase(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

/** `awaiting_approval_request_id` → `awaitingApprovalRequestId`. */
export function toCamelCase(name: string): string {
  return name.replaceAll(/_([a-z0-9])/g, (_match, letter: string) => letter.toUpperCase());
}

/** A value with all its field names, at any depth, in snake_case. Fields that are undefined are left out. */
export function toWire(value: unknown): unknown {
  return renameDeep(value, toSnakeCase);
}

/** The inverse of {@link toWire}. */
export function fromWire(value: unknown): unknown {
  return renameDeep(value, toCamelCase);
}

function renameDeep(value: unknown, rename: (name: string) => string): unknown {
  if (Array.isArray(value)) return value.map((item) => renameDeep(item, rename));
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).filter(([, item]) => item !== undefined);
  return Object.fromEntries(entries.map(([name, item]) => [rename(name), renameDeep(item, rename)]));
}
