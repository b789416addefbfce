/** The system's name of what went wrong, such as `ENOENT`. Read by shape: an error of another realm is no `instanceof`. */
export function errnoOf(error: unknown): string | undefined {
  const code: unknown = typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
  return typeof code === 'string' ? code : undefined;
}
