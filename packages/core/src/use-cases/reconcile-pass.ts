import { AbcaError, type ErrorCode } from '../errors/abca-error.ts';
import type { Clock } from '../ports/clock.ts';
import type { LogFields, Logger } from '../ports/logger.ts';

/** How much one run takes on. */
export interface PassBounds {
  readonly pageSize: number;
  /** Pages of each list. */
  readonly pages: number;
  /** Items that are looked after at the same time. */
  readonly atOnce: number;
  /** Nothing new is begun after this, milliseconds since the epoch. */
  readonly untilMs: number;
  /** Nor once this is aborted. */
  readonly signal?: AbortSignal;
}

/** How one item was looked after. A failure is a value where it was told already; else it is thrown. */
export type Tended<Did extends string> =
  | { readonly kind: 'left' }
  | { readonly kind: 'done'; readonly did: Did; readonly count?: number }
  | { readonly kind: 'failed'; readonly code: ErrorCode };

/** One kind of leftovers: where they are listed, and what is done about each. */
export interface Pass<Item, Did extends string> {
  /** Names it in the log. */
  readonly name: string;
  /** Each reads one page. A list that fails does not stop the others. */
  readonly lists: readonly ((query: {
    readonly limit: number;
    readonly nextToken?: string;
  }) => Promise<{ readonly items: readonly Item[]; readonly nextToken?: string }>)[];
  /** Safe to repeat and to run at the same time elsewhere. */
  tend(item: Item): Promise<Tended<Did>>;
  /** Names an item in the log. */
  idOf(item: Item): LogFields;
}

/** What a pass did. */
export interface PassReport<Did extends string = string> {
  readonly looked: number;
  readonly did: Readonly<Partial<Record<Did, number>>>;
  /** Items that could not be looked after, by code. */
  readonly errors: Readonly<Partial<Record<ErrorCode, number>>>;
  /** Lists that could not be read, of how many. */
  readonly unread: number;
  readonly lists: number;
  /** There was more than one run takes on; the longest waiting come first. */
  readonly more: boolean;
}

interface Tally {
  looked: number;
  did: Record<string, number>;
  errors: Partial<Record<ErrorCode, number>>;
  unread: number;
  more: boolean;
}

type PassDeps = { readonly clock: Pick<Clock, 'nowMs'>; readonly logger: Logger };

/** Go through the lists of a pass, page by page. Never rejects: what failed is counted. */
export async function runPass<Item, Did extends string>(
  deps: PassDeps,
  pass: Pass<Item, Did>,
  bounds: PassBounds,
): Promise<PassReport<Did>> {
  const tally: Tally = { looked: 0, did: {}, errors: {}, unread: 0, more: false };
  for (const list of pass.lists) {
    try {
      await runList(deps, { pass, list, bounds, tally });
    } catch (error) {
      const { code, message } = AbcaError.wrap(error, 'STORE_ERROR', 'list not read');
      tally.unread += 1;
      count(tally.errors, code);
      deps.logger.warn('list not read', { pass: pass.name, code, message });
    }
  }
  return { ...tally, did: tally.did as PassReport<Did>['did'], lists: pass.lists.length };
}

interface ListRun<Item, Did extends string> {
  readonly pass: Pass<Item, Did>;
  readonly list: Pass<Item, Did>['lists'][number];
  readonly bounds: PassBounds;
  readonly tally: Tally;
}

async function runList<Item, Did extends string>(deps: PassDeps, run: ListRun<Item, Did>): Promise<void> {
  const { list, bounds, tally } = run;
  let nextToken: string | undefined;
  for (let page = 1; ; page += 1) {
    const read = await list({ limit: bounds.pageSize, ...(nextToken !== undefined && { nextToken }) });
    if (!(await tendAll(deps, run, read.items))) tally.more = true;
    nextToken = read.nextToken;
    if (nextToken === undefined) return;
    if (page >= bounds.pages || isOver(deps, bounds)) {
      tally.more = true;
      return;
    }
  }
}

function isOver({ clock }: PassDeps, { untilMs, signal }: PassBounds): boolean {
  return clock.nowMs() >= untilMs || signal?.aborted === true;
}

/** @returns whether all were begun */
async function tendAll<Item, Did extends string>(
  deps: PassDeps,
  run: ListRun<Item, Did>,
  items: readonly Item[],
): Promise<boolean> {
  for (let at = 0; at < items.length; at += run.bounds.atOnce) {
    if (isOver(deps, run.bounds)) return false;
    await Promise.all(items.slice(at, at + run.bounds.atOnce).map((item) => tendOne(deps, run, item)));
  }
  return true;
}

async function tendOne<Item, Did extends string>(
  { logger }: PassDeps,
  { pass, tally }: ListRun<Item, Did>,
  item: Item,
): Promise<void> {
  tally.looked += 1;
  try {
    const tended = await pass.tend(item);
    if (tended.kind === 'done') count<string>(tally.did, tended.did, tended.count);
    if (tended.kind === 'failed') count(tally.errors, tended.code);
  } catch (error) {
    const { code, message } = AbcaError.wrap(error, 'INTERNAL_ERROR', 'item not reconciled');
    count(tally.errors, code);
    logger.warn('item not reconciled', { pass: pass.name, ...pass.idOf(item), code, message });
  }
}

function count<K extends string>(counts: Partial<Record<K, number>>, key: K, by = 1): void {
  counts[key] = ((counts[key] as number | undefined) ?? 0) + by;
}
