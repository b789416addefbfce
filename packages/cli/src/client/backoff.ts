/** First and longest wait of a series, milliseconds. */
export interface BackoffOptions {
  readonly firstMs: number;
  readonly longestMs: number;
}

/** How long to wait before attempt `failures` + 1: doubles from `firstMs`, never above `longestMs`. */
export function backoffMs(failures: number, { firstMs, longestMs }: BackoffOptions): number {
  return Math.min(longestMs, firstMs * 2 ** Math.min(failures - 1, 30));
}
