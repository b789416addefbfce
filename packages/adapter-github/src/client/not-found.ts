/** What `call` answers, `undefined` when GitHub shows none (404), or has an empty repository (409). */
export async function unlessMissing<T>(call: Promise<T>): Promise<T | undefined> {
  try {
    return await call;
  } catch (error) {
    const { status } = error as { readonly status?: number };
    if (status === 404 || status === 409) return undefined;
    throw error;
  }
}
