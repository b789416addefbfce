import { AbcaError } from '../errors/abca-error.ts';
import type { HydratedContext } from '../forge/hydrated-context.ts';
import type { RepoId, TaskId, UserId } from '../ids/ids.ts';
import type { CallOptions } from '../ports/call-options.ts';
import type { Clock } from '../ports/clock.ts';
import type { ContextStore } from '../ports/context-store.ts';
import type { RateDecision, RateLimiter, RateRule } from '../ports/rate-limiter.ts';
import type { RepoConfigRepository } from '../ports/repo-config-repository.ts';
import type { SlotRepository } from '../ports/slot-repository.ts';
import { takeFromWindow, type RateWindow } from '../rate/rate-window.ts';
import type { RepoConfig } from '../repo/repo-config.ts';
import {
  emptyLedger,
  releaseSlot,
  requestSlot,
  type QueueEntry,
  type SlotCaps,
  type SlotLedger,
} from '../slots/slot-ledger.ts';
import { FakeClock } from './fake-clock.ts';

/** {@link SlotRepository} in memory. */
export class InMemorySlotRepository implements SlotRepository {
  readonly #ledgers = new Map<UserId, SlotLedger>();

  async acquire(
    userId: UserId,
    entry: QueueEntry,
    caps: SlotCaps,
    options: CallOptions = {},
  ): ReturnType<SlotRepository['acquire']> {
    options.signal?.throwIfAborted();
    const { ledger, decision, promoted } = requestSlot(this.#ledger(userId), entry, caps);
    this.#ledgers.set(userId, ledger);
    return { decision, promoted };
  }

  async release(
    userId: UserId,
    taskId: TaskId,
    caps: SlotCaps,
    options: CallOptions = {},
  ): ReturnType<SlotRepository['release']> {
    options.signal?.throwIfAborted();
    const { ledger, promoted } = releaseSlot(this.#ledger(userId), taskId, caps.slots);
    this.#ledgers.set(userId, ledger);
    return { promoted };
  }

  async inspect(userId: UserId, options: CallOptions = {}): Promise<SlotLedger> {
    options.signal?.throwIfAborted();
    return this.#ledger(userId);
  }

  async listUsers(
    { limit, nextToken }: { readonly limit: number; readonly nextToken?: string },
    options: CallOptions = {},
  ): ReturnType<SlotRepository['listUsers']> {
    options.signal?.throwIfAborted();
    const all = [...this.#ledgers]
      .filter(([, { holders, queue }]) => holders.length + queue.length > 0)
      .map(([userId]) => userId)
      .sort()
      .filter((userId) => nextToken === undefined || userId > nextToken);
    const users = all.slice(0, limit);
    const last = users.at(-1);
    return { users, ...(last !== undefined && all.length > limit && { nextToken: last }) };
  }

  #ledger(userId: UserId): SlotLedger {
    return this.#ledgers.get(userId) ?? emptyLedger;
  }
}

/** {@link RateLimiter} in memory. */
export class InMemoryRateLimiter implements RateLimiter {
  readonly #windows = new Map<string, RateWindow>();
  readonly #clock: Pick<Clock, 'nowMs'>;

  constructor(clock: Pick<Clock, 'nowMs'> = new FakeClock()) {
    this.#clock = clock;
  }

  async take(key: string, rule: RateRule, options: CallOptions = {}): Promise<RateDecision> {
    options.signal?.throwIfAborted();
    const { window, decision } = takeFromWindow(this.#windows.get(key) ?? [], rule, this.#clock.nowMs());
    this.#windows.set(key, window);
    return decision;
  }
}

/** {@link RepoConfigRepository} in memory. */
export class InMemoryRepoConfigRepository implements RepoConfigRepository {
  readonly #repos = new Map<RepoId, RepoConfig>();

  constructor(...repos: readonly RepoConfig[]) {
    for (const config of repos) this.#repos.set(config.repo, config);
  }

  async find(repo: RepoId, options: CallOptions = {}): Promise<RepoConfig | undefined> {
    options.signal?.throwIfAborted();
    return structuredClone(this.#repos.get(repo));
  }

  async put(config: RepoConfig, options: CallOptions = {}): Promise<void> {
    options.signal?.throwIfAborted();
    this.#repos.set(config.repo, structuredClone(config));
  }

  async list(
    { limit, nextToken }: { readonly limit: number; readonly nextToken?: string },
    options: CallOptions = {},
  ): ReturnType<RepoConfigRepository['list']> {
    options.signal?.throwIfAborted();
    const active = [...this.#repos.values()]
      .filter((config) => config.status === 'active')
      .sort((a, b) => (a.repo < b.repo ? -1 : 1));
    const start = nextToken === undefined ? 0 : active.findIndex((config) => config.repo === nextToken) + 1;
    if (nextToken !== undefined && start === 0)
      throw new AbcaError('VALIDATION_ERROR', 'next_token is not one this listing gave');
    const repos = structuredClone(active.slice(start, start + limit));
    const last = repos.at(-1);
    return { repos, ...(last !== undefined && start + limit < active.length && { nextToken: last.repo }) };
  }
}

/** {@link ContextStore} in memory. */
export class InMemoryContextStore implements ContextStore {
  readonly #contexts = new Map<TaskId, HydratedContext>();

  async put(taskId: TaskId, context: HydratedContext, options: CallOptions = {}): Promise<void> {
    options.signal?.throwIfAborted();
    this.#contexts.set(taskId, structuredClone(context));
  }

  async find(taskId: TaskId, options: CallOptions = {}): Promise<HydratedContext | undefined> {
    options.signal?.throwIfAborted();
    return structuredClone(this.#contexts.get(taskId));
  }
}
