/** One page of a list that GitHub sorts by time, the oldest first. */
interface Page<T> {
  readonly data: readonly T[];
  readonly headers: { readonly link?: string | undefined };
}

/**
 * The end of a list, in its order. Read from its last page backwards until there is enough: a discussion of years is not read for
 * its last hundred comments.
 *
 * @param enough told all that was read of the list so far
 */
export async function listNewest<T>(
  readPage: (page: number) => Promise<Page<T>>,
  enough: (read: readonly T[]) => boolean,
): Promise<{ readonly items: readonly T[]; readonly olderLeftOut: boolean }> {
  const first = await readPage(1);
  let items: readonly T[] = [];
  for (let page = lastPageOf(first.headers.link); page > 1; page -= 1) {
    items = [...(await readPage(page)).data, ...items];
    if (enough(items)) return { items, olderLeftOut: true };
  }
  return { items: [...first.data, ...items], olderLeftOut: false };
}

/** @see https://docs.github.com/rest/using-the-rest-api/using-pagination-in-the-rest-api */
function lastPageOf(link: string | undefined): number {
  const [, page = '1'] = /[?&]page=(\d{1,6})[^>]*>; rel="last"/.exec(link ?? '') ?? [];
  return Number(page);
}
