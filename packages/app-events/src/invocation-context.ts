/** What Lambda tells of an invocation. */
export interface InvocationContext {
  getRemainingTimeInMillis(): number;
}
