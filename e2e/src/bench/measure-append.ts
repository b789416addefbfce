import type { TaskEvent } from '@abca/core';
import { openStores, type OpenStores } from '../support/stores.ts';
import { startBundledPlatform, type BundledPlatform } from './bundled-platform.ts';
import type { Measurement } from './figure.ts';
import { betweenMs, createBareTask, startWriter } from './writers.ts';

const writers = 4;
const eventsOfEach = 250;
/** Event 1 is there before the writers begin. */
const total = 1 + writers * eventsOfEach;

/** Four processes append to one task's log as fast as each gets its answers. */
export const measureAppend: Measurement = {
  name: 'append',
  how:
    `${String(writers)} processes append ${String(writers * eventsOfEach)} events to the log of one task, each its next event ` +
    'when the last one is written, in the database of a running platform. The clock runs from the first call to the last answer.',
  async measure({ runs }) {
    const platform = await startBundledPlatform();
    const stores = openStores(platform.dataDir);
    try {
      const rounds: Round[] = [];
      for (let run = 0; run < runs; run += 1) rounds.push(await race(platform, stores));
      return [
        {
          id: 'append-rate',
          what: '1,000 events by 4 writers to one task',
          unit: 'events/s',
          runs: rounds.map(({ rate }) => rate),
        },
        {
          id: 'append-gaps',
          what: 'numbers missing or taken twice in those 1,000',
          unit: 'count',
          runs: rounds.map(({ faults }) => faults),
          target: { exactly: 0 },
        },
      ];
    } finally {
      stores.close();
      await platform.stop();
    }
  },
};

interface Round {
  readonly rate: number;
  readonly faults: number;
}

async function race({ dataDir }: BundledPlatform, stores: OpenStores): Promise<Round> {
  const owner = await createBareTask(stores);
  const plan = { dataDir, owner, events: eventsOfEach };
  const ready = await Promise.all(Array.from({ length: writers }, () => startWriter(plan)));
  const appends = (await Promise.all(ready.map((writer) => writer.go()))).flat();
  const firstNs = appends.map(({ calledNs }) => BigInt(calledNs)).reduce((a, b) => (b < a ? b : a));
  const lastNs = appends.map(({ writtenNs }) => BigInt(writtenNs)).reduce((a, b) => (b > a ? b : a));
  const log = [
    ...(await stores.events.read({ taskId: owner.taskId, after: 0, limit: 1_000 })),
    ...(await stores.events.read({ taskId: owner.taskId, after: 1_000, limit: 1_000 })),
  ];
  return { rate: appends.length / (betweenMs(firstNs, lastNs) / 1000), faults: faultsOf(log, appends) };
}

/** Places of the log that do not bear their number, and numbers that two writers were given. */
function faultsOf(log: readonly TaskEvent[], appends: readonly { readonly seq?: number }[]): number {
  const misplaced = log.filter(({ seq }, index) => seq !== index + 1).length;
  const twice = appends.length - new Set(appends.map(({ seq }) => seq)).size;
  return misplaced + twice + Math.abs(total - log.length);
}
