import type { IssuedToken } from '../world/tokens.ts';
import type { Repository } from '../world/repository.ts';
import type { World } from '../world/world.ts';

/** Who calls. */
export type Caller = { readonly kind: 'app' } | { readonly kind: 'token'; readonly token: IssuedToken };

/** A call that was let in. */
export interface Call {
  readonly world: World;
  readonly caller: Caller;
  readonly path: Readonly<Record<string, string>>;
  readonly query: Readonly<Record<string, string>>;
  readonly body: Readonly<Record<string, unknown>>;
  /** Address of the call without its query. */
  readonly url: string;
}

/** A call on a repository that its caller reaches. */
export interface RepoCall extends Call {
  readonly repository: Repository;
  readonly token: IssuedToken;
}

/** What a call answers. */
export interface Answer {
  readonly status: number;
  readonly body: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

export const ok = (body: unknown): Answer => ({ status: 200, body });
export const created = (body: unknown): Answer => ({ status: 201, body });

/** One page of `items`, with the `Link` header of GitHub. */
export function page(
  call: Call,
  items: readonly unknown[],
  wrap = (shown: readonly unknown[]): unknown => shown,
): Answer {
  const perPage = Math.min(Number(call.query['per_page'] ?? 30), 100);
  const number = Number(call.query['page'] ?? 1);
  const last = Math.max(1, Math.ceil(items.length / perPage));
  const link = (rel: string, to: number): string => {
    const query = new URLSearchParams({ ...call.query, page: String(to) });
    return `<${call.url}?${query.toString()}>; rel="${rel}"`;
  };
  const links = [
    ...(number > 1 ? [link('prev', number - 1), link('first', 1)] : []),
    ...(number < last ? [link('next', number + 1), link('last', last)] : []),
  ];
  return {
    status: 200,
    body: wrap(items.slice((number - 1) * perPage, number * perPage)),
    ...(links.length > 0 && { headers: { link: links.join(', ') } }),
  };
}
