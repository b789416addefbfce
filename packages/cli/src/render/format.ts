/** `4.1s`, `2m05s`, `1h02m`. */
export function formatDuration(ms: number): string {
  if (ms < 60_000) return `${(Math.max(0, Math.floor(ms / 100)) / 10).toFixed(1)}s`;
  const seconds = Math.floor(ms / 1000);
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${String(minutes)}m${pad(seconds % 60)}s`;
  return `${String(Math.floor(minutes / 60))}h${pad(minutes % 60)}m`;
}

/** `1h 02m left`, `4m 12s left`, `9s left`. */
export function formatLeft(ms: number): string {
  const seconds = Math.max(0, Math.ceil(ms / 1000));
  const minutes = Math.floor(seconds / 60);
  if (minutes === 0) return `${String(seconds)}s left`;
  if (minutes < 60) return `${String(minutes)}m ${pad(seconds % 60)}s left`;
  return `${String(Math.floor(minutes / 60))}h ${pad(minutes % 60)}m left`;
}

/** `just now`, `5m ago`, `3h ago`, `12d ago`. */
export function formatAge(ms: number): string {
  const minutes = Math.floor(ms / 60_000);
  if (minutes < 1) return 'just now';
  if (minutes < 60) return `${String(minutes)}m ago`;
  const hours = Math.floor(minutes / 60);
  return hours < 48 ? `${String(hours)}h ago` : `${String(Math.floor(hours / 24))}d ago`;
}

/** `$0.0123` below a dollar, `$12.34` from there. */
export function formatMoney(usd: number): string {
  return `$${usd.toFixed(usd < 1 ? 4 : 2)}`;
}

/** `12,345`. */
export function formatCount(count: number): string {
  return String(count).replaceAll(/\B(?=(\d{3})+$)/g, ',');
}

/** `1 file`, `2 files`. */
export function plural(count: number, noun: string): string {
  return `${formatCount(count)} ${noun}${count === 1 ? '' : 's'}`;
}

/** `1 file changed, +2 −1`. */
export function formatDiff(files: number, insertions: number, deletions: number): string {
  return `${plural(files, 'file')} changed, +${formatCount(insertions)} −${formatCount(deletions)}`;
}

/** The first twelve characters of a commit's name: as many as git shows in a large repository. */
export function shortSha(sha: string): string {
  return sha.slice(0, 12);
}

/** At most `width` characters, cut with an ellipsis; never half a character. */
export function truncate(text: string, width: number): string {
  const characters = [...text];
  return characters.length <= width ? text : `${characters.slice(0, Math.max(0, width - 1)).join('')}…`;
}

function pad(value: number): string {
  return String(value).padStart(2, '0');
}
