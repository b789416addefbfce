/** `work`, except that its rejection counts as a normal end once `signal` is aborted. */
export async function settleOnAbort(work: Promise<void>, signal: AbortSignal | undefined): Promise<void> {
  try {
    await work;
  } catch (error) {
    if (signal?.aborted !== true) throw error;
  }
}
