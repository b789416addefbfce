import { openStores, type OpenStores } from '../support/stores.ts';
import { startBundledPlatform, type BundledPlatform } from './bundled-platform.ts';
import { followTask } from './event-stream.ts';
import type { Measurement } from './figure.ts';
import { median, percentile } from './statistics.ts';
import { betweenMs, createBareTask, startWriter } from './writers.ts';

const watchers = 20;
const perSecond = 200;
const seconds = 3;

/** One process publishes at a steady pace, twenty connections watch. */
export const measureWatchers: Measurement = {
  name: 'watchers',
  how:
    `A process publishes ${String(perSecond)} events a second for ${String(seconds)} s to one task, on an open schedule, through the ` +
    `publisher and the adapter that agents use; ${String(watchers)} SSE connections of another process receive them from the ` +
    'platform. The clock runs from the call of `publish()`, so that the write to the database is in the figure; the figure ' +
    'from its return is given beside it. The p99 of a run is over all events and all watchers.',
  async measure({ runs }) {
    const platform = await startBundledPlatform();
    const stores = openStores(platform.dataDir);
    try {
      await watch(platform, stores);
      const rounds: Round[] = [];
      for (let run = 0; run < runs; run += 1) rounds.push(await watch(platform, stores));
      const ms = { unit: 'ms' } as const;
      const write = median(rounds.map(({ write99 }) => write99)).toFixed(1);
      const rest = median(rounds.map(({ fromReturn99 }) => fromReturn99)).toFixed(1);
      return [
        {
          ...ms,
          id: 'publish-watchers-p99',
          what: 'publish to receipt by 20 watchers at 200 events/s, p99 of a run',
          runs: rounds.map(({ fromCall99 }) => fromCall99),
          target: { atMost: 50 },
          madeOf: `the write to the database has a p99 of ${write} ms, from its return to the receipt it is ${rest} ms`,
        },
        {
          ...ms,
          id: 'publish-watchers-median',
          what: 'the same, median of a run',
          runs: rounds.map(({ fromCall50 }) => fromCall50),
        },
        {
          ...ms,
          id: 'return-watchers-p99',
          what: 'from the return of publish(), p99 of a run',
          runs: rounds.map(({ fromReturn99 }) => fromReturn99),
        },
        {
          ...ms,
          id: 'append-p99',
          what: 'publish() itself, the write to the database, p99 of a run',
          runs: rounds.map(({ write99 }) => write99),
        },
      ];
    } finally {
      stores.close();
      await platform.stop();
    }
  },
};

interface Round {
  readonly fromCall99: number;
  readonly fromCall50: number;
  readonly fromReturn99: number;
  readonly write99: number;
}

async function watch(platform: BundledPlatform, stores: OpenStores): Promise<Round> {
  const owner = await createBareTask(stores);
  const events = perSecond * seconds;
  const plan = { dataDir: platform.dataDir, owner, events, everyMs: 1000 / perSecond };
  const writer = await startWriter(plan);
  const seen = Array.from({ length: watchers }, () => new Map<number, bigint>());
  const following = await openAll(platform, owner.taskId, seen);
  const appends = await writer.go();
  await stores.events.append(owner, [{ eventType: 'task_cancelled', metadata: { by: 'bench' } }]);
  await Promise.all(following);
  const receipts = seen.flatMap((receipt) =>
    appends.map(({ turn, calledNs, writtenNs }) => {
      const atNs = receipt.get(turn);
      if (atNs === undefined) throw new Error(`a watcher did not get event ${String(turn)}`);
      return { call: betweenMs(calledNs, atNs), written: betweenMs(writtenNs, atNs) };
    }),
  );
  const fromCall = receipts.map(({ call }) => call);
  return {
    fromCall99: percentile(fromCall, 0.99),
    fromCall50: median(fromCall),
    fromReturn99: percentile(
      receipts.map(({ written }) => written),
      0.99,
    ),
    write99: percentile(
      appends.map(({ calledNs, writtenNs }) => betweenMs(calledNs, writtenNs)),
      0.99,
    ),
  };
}

/** Resolves when every watcher is connected, with what resolves when each has seen the end of the log. */
async function openAll(
  platform: BundledPlatform,
  taskId: string,
  seen: readonly Map<number, bigint>[],
): Promise<readonly Promise<void>[]> {
  const opened: Promise<undefined>[] = [];
  const following = seen.map((receipts) => {
    const open = Promise.withResolvers<undefined>();
    opened.push(open.promise);
    return followTask(
      platform,
      taskId,
      ({ metadata }) => {
        if (metadata && 'turn' in metadata) receipts.set(Number(metadata.turn), process.hrtime.bigint());
      },
      () => {
        open.resolve(undefined);
      },
    );
  });
  await Promise.all(opened);
  return following;
}
