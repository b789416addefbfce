/** What every call of a port may be given. */
export interface CallOptions {
  /** Ends the call early; the call rejects with the signal's reason. */
  readonly signal?: AbortSignal;
}
