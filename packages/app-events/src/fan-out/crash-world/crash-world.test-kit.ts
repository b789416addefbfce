import {
  channels,
  deliverDue,
  tokens,
  type Channel,
  type DeliverDueReport,
  type Outbox,
  type RepoId,
  type TaskEvent,
  type TaskId,
  type UserId,
} from '@abca/core';
import { anApproval, aRepoConfig, aTask } from '@abca/core/testing';
import { Container, ContainerModule } from 'inversify';
import type { StreamConsumer, StreamResponse } from '../../stream/stream-consumer.ts';
import { resolveDeliverDeps } from '../deliver-deps.ts';
import { createFanOut } from '../fan-out.ts';
import type { Chance } from './chance.test-kit.ts';
import { forges, newLogs, people, toRecord, toShards } from './event-stream.test-kit.ts';
import { JumpingClock } from './jumping-clock.test-kit.ts';
import { Life, mortal, type Mishaps } from './mortal.test-kit.ts';
import { newChannelRecord, RecordingNotifier, type ChannelRecord } from './recording-channel.test-kit.ts';

const silent = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  with: () => silent,
};

export interface CrashWorldOptions {
  readonly outbox: Outbox;
  readonly chance: Chance;
  readonly mishaps: Mishaps;
  readonly records: number;
}

/** What was counted on the way. */
export interface WorldCounts {
  batches: number;
  /** Records that consumers were given, all times. */
  given: number;
  /** Batches that were given once more although they had been consumed. */
  duplicates: number;
  /** Records that a consumer wanted again. */
  again: number;
  sweeps: number;
}

/**
 * A stream in shards, consumers of it that die, sweeps beside them that die too, and channels that outlive them all.
 *
 * Behaviour: each shard is read as Lambda reads it: batch by batch, a batch again from the first record that failed, and the whole
 * of it when its consumer died. A dead consumer is followed by a new one. Now and then a batch is given again that was consumed,
 * beside the next one, and a sweep begins. Time passes by itself, a little with each batch.
 */
export class CrashWorld {
  readonly clock = new JumpingClock();
  readonly channels: Readonly<Record<Channel, ChannelRecord>> = {
    slack: newChannelRecord(),
    github: newChannelRecord(),
    email: newChannelRecord(),
  };
  readonly deaths = new Map<string, number>();
  readonly counts: WorldCounts = { batches: 0, given: 0, duplicates: 0, again: 0, sweeps: 0 };
  readonly logs: ReadonlyMap<TaskId, readonly TaskEvent[]>;
  readonly #shards: readonly (readonly TaskEvent[])[];
  readonly #options: CrashWorldOptions;
  readonly #beside: Promise<unknown>[] = [];
  readonly #random = (): number => this.#options.chance.next();

  constructor(options: CrashWorldOptions) {
    this.#options = options;
    this.logs = newLogs(options.chance, options.records);
    this.#shards = toShards(options.chance, this.logs, 8);
  }

  /** Read all shards to their ends, at the same time. */
  async consumeAll(): Promise<void> {
    await Promise.all(this.#shards.map((shard) => this.#readShard(shard)));
    await Promise.all(this.#beside);
  }

  /** Sweep until nothing is open any more. */
  async settleAll(): Promise<void> {
    const farMs = 10 * 24 * 3_600_000;
    for (let rounds = 0; rounds < 10_000; rounds += 1) {
      const open = await this.#options.outbox.listDue({ nowMs: this.clock.nowMs() + farMs, limit: 1 });
      if (open.length === 0) return;
      this.clock.pass(30_000);
      await this.#sweep();
    }
    throw new Error('deliveries stay open');
  }

  async #readShard(shard: readonly TaskEvent[]): Promise<void> {
    const { chance } = this.#options;
    let consumer = this.#newConsumer();
    for (let at = 0; at < shard.length;) {
      const end = Math.min(shard.length, at + 1 + chance.below(100));
      const response = await this.#give(consumer, shard.slice(at, end), at);
      if (response === 'died') consumer = this.#newConsumer();
      else at = Math.min(end, ...response.batchItemFailures.map(({ itemIdentifier }) => Number(itemIdentifier)));
      this.clock.pass(chance.below(400));
      if (chance.hits(0.1)) this.#beside.push(this.#giveAgain(shard, at));
      if (chance.hits(0.1)) this.#beside.push(this.#sweep());
    }
  }

  /** Some records that were consumed, once more, by another consumer. */
  async #giveAgain(shard: readonly TaskEvent[], at: number): Promise<void> {
    const from = Math.max(0, at - 1 - this.#options.chance.below(200));
    this.counts.duplicates += 1;
    await this.#give(this.#newConsumer(), shard.slice(from, from + 50), from);
  }

  async #give(consumer: Consumer, events: readonly TaskEvent[], from: number): Promise<StreamResponse | 'died'> {
    this.counts.batches += 1;
    this.counts.given += events.length;
    const Records = events.map((event, index) => toRecord(event, String(from + index)));
    const response = await Promise.race([consumer.handle({ Records }), consumer.life.death]);
    if (response !== 'died') this.counts.again += response.batchItemFailures.length;
    return response;
  }

  async #sweep(): Promise<DeliverDueReport | 'died'> {
    const life = new Life();
    this.counts.sweeps += 1;
    const container = new Container();
    container.load(this.#ports(life));
    return Promise.race([deliverDue(resolveDeliverDeps(container, this.#random), { budgetMs: 600_000 }), life.death]);
  }

  #newConsumer(): Consumer {
    const life = new Life();
    return { life, handle: createFanOut([this.#ports(life)], { random: this.#random }) };
  }

  #ports(life: Life): ContainerModule {
    const { outbox, chance, mishaps } = this.#options;
    const port = <T extends object>(name: string, methods: T): T =>
      mortal(methods, { name, life, chance, mishaps, deaths: this.deaths });
    return new ContainerModule(({ bind }) => {
      bind(tokens.clock).toConstantValue(this.clock);
      bind(tokens.logger).toConstantValue(silent);
      bind(tokens.outbox).toConstantValue(port('outbox', outbox));
      for (const [name, methods] of Object.entries(this.#stores())) {
        bind(tokens[name as 'eventLog']).toConstantValue(port(name, methods as never));
      }
      for (const channel of channels) {
        const parts = { record: this.channels[channel], clock: this.clock, isAlive: () => !life.isOver };
        bind(tokens.notifier).toConstantValue(port('notifier', new RecordingNotifier(channel, parts)));
      }
    });
  }

  #stores() {
    const { logs } = this;
    return {
      taskRepository: {
        find: async (taskId: TaskId) => {
          const [first] = logs.get(taskId) ?? [];
          return first && aTask({ taskId, userId: first.userId, repo: first.repo });
        },
      },
      approvalRepository: { find: async () => anApproval() },
      repoConfigRepository: { find: async (repo: RepoId) => aRepoConfig({ repo, forge: forges[repo]! }) },
      notificationSettings: { get: async (userId: UserId) => people[userId] },
      eventLog: {
        read: async ({ taskId, after, limit }: { taskId: TaskId; after: number; limit: number }) =>
          logs.get(taskId)?.slice(after, after + limit) ?? [],
      },
    };
  }
}

interface Consumer {
  readonly life: Life;
  readonly handle: StreamConsumer;
}
