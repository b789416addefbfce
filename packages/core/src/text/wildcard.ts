/**
 * Whether `text` matches `pattern`, in which `*` stands for any characters, none and line breaks too. Linear in the length
 * of the text for each part of the pattern: a pattern may come from anybody, and a regular expression made of one can take
 * for ever.
 */
export function matchesWildcard(pattern: string, text: string): boolean {
  const parts = pattern.split('*');
  const first = parts[0] ?? '';
  if (parts.length === 1) return pattern === text;
  const last = parts.at(-1) ?? '';
  if (text.length < first.length + last.length || !text.startsWith(first) || !text.endsWith(last)) return false;
  const end = text.length - last.length;
  let at = first.length;
  for (const part of parts.slice(1, -1)) {
    const found = text.indexOf(part, at);
    if (found < 0 || found + part.length > end) return false;
    at = found + part.length;
  }
  return true;
}

/**
 * Whether the relative path `path` matches the glob `pattern`: `*` within a component, `**` as a component for any number of
 * them, none too. What leads out of the folder, `..` and `~`, is matched by itself only and never by a wildcard.
 */
export function matchesPathGlob(pattern: string, path: string): boolean {
  const patterns = components(pattern);
  const names = components(path);
  // reached[n]: the patterns so far match the first n names.
  let reached = [true, ...names.map(() => false)];
  for (const part of patterns) {
    let carried = false;
    reached = reached.map((before, n) => {
      const name = names[n - 1];
      if (part !== '**') return n > 0 && (reached[n - 1] ?? false) && matchesComponent(part, name ?? '');
      carried = before || (carried && name !== undefined && !leadsOut(name));
      return carried;
    });
  }
  return reached.at(-1) ?? false;
}

function components(path: string): readonly string[] {
  return path
    .replace(/^\/+/, '//')
    .split('/')
    .filter((part, index) => part !== '.' && (part !== '' || index === 0));
}

function matchesComponent(pattern: string, name: string): boolean {
  return leadsOut(name) ? pattern === name : matchesWildcard(pattern, name);
}

/** The empty component starts an absolute path. */
function leadsOut(name: string): boolean {
  return name === '..' || name === '~' || name === '';
}
